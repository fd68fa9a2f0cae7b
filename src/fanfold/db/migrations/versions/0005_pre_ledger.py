"""ledger: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0005"
down_revision = "0004"
upgrade, downgrade = script("0005_pre_ledger")
