"""row security: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0008"
down_revision = "0007"
upgrade, downgrade = script("0008_pre_row_security")
