"""control: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0012"
down_revision = "0011"
upgrade, downgrade = script("0012_pre_control")
