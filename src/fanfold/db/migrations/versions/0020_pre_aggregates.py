"""aggregates: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0020"
down_revision = "0019"
upgrade, downgrade = script("0020_pre_aggregates")
