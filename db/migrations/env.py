"""Alembic's entry: the connection, the lock and the transaction come from `db.migrate`."""

from alembic import context
from sqlmodel import SQLModel

import db.tables  # noqa: F401  fills the metadata that autogenerate compares with

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    include_schemas=True,
    version_table="alembic_version",
    version_table_schema="public",
)
context.run_migrations()
