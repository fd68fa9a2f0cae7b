"""marked_keys: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0021"
down_revision = "0020"
upgrade, downgrade = script("0021_pre_marked_keys")
