"""quick_keys: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0023"
down_revision = "0022"
upgrade, downgrade = script("0023_pre_quick_keys")
