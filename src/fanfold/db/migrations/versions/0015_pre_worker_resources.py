"""worker resources: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0015"
down_revision = "0014"
upgrade, downgrade = script("0015_pre_worker_resources")
