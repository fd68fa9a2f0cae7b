"""batches: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0003"
down_revision = "0002"
upgrade, downgrade = script("0003_pre_batches")
