"""Alembic's entry: runs the revisions on the connection it is given."""

from alembic import context

from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by rebuilding it
    transactional_ddl=True,  # also on SQLite: whoever opened the connection began a transaction
)
context.run_migrations()
