"""What Alembic runs: the migrations, on the connection that `migrate` opened and locked."""

from alembic import context

from milepost.adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
