"""quick_users: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0025"
down_revision = "0023"
upgrade, downgrade = script("0025_pre_quick_users")
