"""quick_visible_keys: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0026"
down_revision = "0025"
upgrade, downgrade = script("0026_pre_quick_visible_keys")
