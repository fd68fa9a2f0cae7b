"""seed views: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0007"
down_revision = "0006"
upgrade, downgrade = script("0007_pre_seed_views")
