"""limit_rights: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0018"
down_revision = "0016"
upgrade, downgrade = script("0018_pre_limit_rights")
