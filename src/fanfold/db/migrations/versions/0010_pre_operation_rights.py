"""operation rights: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0010"
down_revision = "0009"
upgrade, downgrade = script("0010_pre_operation_rights")
