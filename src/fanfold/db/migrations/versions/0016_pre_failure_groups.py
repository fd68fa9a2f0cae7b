"""failure_groups: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0016"
down_revision = "0015"
upgrade, downgrade = script("0016_pre_failure_groups")
