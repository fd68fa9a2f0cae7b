"""attempt_calls: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0019"
down_revision = "0018"
upgrade, downgrade = script("0019_pre_attempt_calls")
