"""Bring a database to the schema of this release; configured in code, without an alembic.ini."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db import errors
from db.engine import driver_url

_LOCK = 0x77617271
_HERE = Path(__file__).parent / "migrations"
# Migrations see all rows (FORCE binds the owner too) and give up rather than queue behind traffic.
_PREPARE = text(
    "SELECT set_config('app.scope', 'STAFF', true), set_config('lock_timeout', '10s', true)"
)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The revision that this release needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    return str(revision)


async def upgrade(url: str, revision: str = "head") -> None:
    """Migrate as the owner, all in one transaction; a second process waits and finds it done."""
    engine = create_async_engine(driver_url(url), poolclass=NullPool, hide_parameters=True)
    try:
        with errors.typed():
            async with engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                await connection.execute(_PREPARE)
                await connection.run_sync(lambda sync: command.upgrade(_config(sync), revision))
    finally:
        await engine.dispose()


async def current(url: str) -> str | None:
    """The revision a database is at; None for one that was never migrated."""
    engine = create_async_engine(driver_url(url), poolclass=NullPool, hide_parameters=True)
    try:
        with errors.typed():
            async with engine.connect() as connection:
                return await connection.run_sync(
                    lambda sync: MigrationContext.configure(sync).get_current_revision()
                )
    finally:
        await engine.dispose()
