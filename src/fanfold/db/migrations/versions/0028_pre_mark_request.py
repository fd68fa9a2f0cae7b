"""mark_request: see the SQL file of the same name."""

from fanfold.db.migrations.run import script

revision = "0028"
down_revision = "0027"
upgrade, downgrade = script("0028_pre_mark_request")
