"""The schema's versions: plain SQL in `versions/NNNN_pre|post_name.{up,down}.sql`, run by Alembic."""
