"""operations: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0004"
down_revision = "0003"
upgrade, downgrade = script("0004_pre_operations")
