"""workflows: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0002"
down_revision = "0001"
upgrade, downgrade = script("0002_pre_workflows")
