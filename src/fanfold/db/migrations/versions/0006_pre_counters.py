"""counters: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0006"
down_revision = "0005"
upgrade, downgrade = script("0006_pre_counters")
