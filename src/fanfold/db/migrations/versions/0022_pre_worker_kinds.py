"""worker_kinds: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0022"
down_revision = "0021"
upgrade, downgrade = script("0022_pre_worker_kinds")
