"""Alembic's environment and the versions of the schema; run them with `db.migrate`."""
