"""accounts: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0001"
down_revision = None
upgrade, downgrade = script("0001_pre_accounts")
