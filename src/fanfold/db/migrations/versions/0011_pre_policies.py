"""policies: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0011"
down_revision = "0010"
upgrade, downgrade = script("0011_pre_policies")
