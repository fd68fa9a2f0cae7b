"""counting: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0014"
down_revision = "0013"
upgrade, downgrade = script("0014_pre_counting")
