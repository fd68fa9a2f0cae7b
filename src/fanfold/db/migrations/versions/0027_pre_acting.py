"""acting: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0027"
down_revision = "0026"
upgrade, downgrade = script("0027_pre_acting")
