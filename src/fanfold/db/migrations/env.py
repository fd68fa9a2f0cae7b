"""Alembic's entry: runs on the connection that `fanfold.db.schema` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table_schema="fanfold")
with context.begin_transaction():
    context.run_migrations()
