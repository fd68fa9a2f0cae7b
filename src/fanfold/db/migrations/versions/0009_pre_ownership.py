"""ownership: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0009"
down_revision = "0008"
upgrade, downgrade = script("0009_pre_ownership")
