"""limits: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0013"
down_revision = "0012"
upgrade, downgrade = script("0013_pre_limits")
