"""Connections and transactions. This module alone begins and commits.

A read is a short read-only transaction for one batch; a write is one unit of work that other floors
fill. Nothing that takes its time may happen inside a write: `refuse_inside_write` is handed to the
carrier's client as its guard.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import orjson
from sqlalchemy import URL, exc, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from db import errors, tenancy
from numbering.actors import Scope

T = TypeVar("T")

TRIES = 3
POOL_TIMEOUT = 5.0  # seconds a write waits for a connection before it says "busy"
READ_PATIENCE = 10.0  # a read is short: a crowd of them queues, in order, and is served
KEPT_FOR_WRITES = 2  # connections that reads leave alone
CONNECT_TIMEOUT = 3.0

_writing: ContextVar[bool] = ContextVar("db_writing", default=False)


def writing() -> bool:
    """Whether this task is inside `Database.write()`."""
    return _writing.get()


def refuse_inside_write() -> None:
    """Raise InsideTransaction inside a write: locks must never wait for somebody else's server."""
    if writing():
        raise errors.InsideTransaction("A write transaction is open; finish it before calling out.")


def driver_url(url: str) -> URL:
    """The URL as SQLAlchemy wants it; accepts what every other PostgreSQL tool takes."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def _settings(application_name: str, statement_timeout_ms: int) -> dict[str, str]:
    return {
        "application_name": application_name,
        "timezone": "UTC",
        # Many small plans at once: compiling one, or sharing one among processes, takes longer than
        # running it; and disks have not been four times slower at random for a long time.
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
        "random_page_cost": "1.1",
        "statement_timeout": str(statement_timeout_ms),
        "lock_timeout": "2000",
        "idle_in_transaction_session_timeout": "10000",
        # Without it a cancelled query goes on in the server (reliability.md 5.2).
        "client_connection_check_interval": "1000",
    }


class Database:
    """A pool of connections for one role."""

    def __init__(self, engine: AsyncEngine, size: int) -> None:
        self._engine = engine
        # The same pool, without SQLAlchemy's transactions: `_begin_read` makes its own.
        self._reads = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._size = size
        self._readers = asyncio.Semaphore(max(1, size - KEPT_FOR_WRITES))

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        pool_size: int = 10,
        application_name: str = "warp",
        statement_timeout_ms: int = 5000,
    ) -> "Database":
        """A pool for `postgresql://…`; nothing is opened before the first transaction."""
        engine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT,
            pool_use_lifo=True,
            # Statements carry names and addresses; their values stay out of logs and errors.
            hide_parameters=True,
            json_serializer=lambda value: orjson.dumps(value, default=str).decode(),
            json_deserializer=orjson.loads,
            connect_args={
                "timeout": CONNECT_TIMEOUT,
                "command_timeout": statement_timeout_ms / 1000 + 5,
                "server_settings": _settings(application_name, statement_timeout_ms),
            },
        )
        return cls(engine, pool_size)

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self, scope: Scope) -> AsyncIterator[AsyncConnection]:
        """A read-only transaction that sees the rows of `scope`; keep it short.

        Raises what `db.errors` names, and nothing else of a database's.
        """
        await self._turn_to_read()
        try:
            with errors.typed():
                connection, driver = await self._begin_read(scope)
                try:
                    yield connection
                finally:
                    await _end_read(connection, driver)
        finally:
            self._readers.release()

    async def _turn_to_read(self) -> None:
        try:
            async with asyncio.timeout(READ_PATIENCE):
                await self._readers.acquire()
        except TimeoutError:
            raise errors.DatabaseBusy("Too many reads at once.") from None

    @asynccontextmanager
    async def write(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        """A unit of work: commits when the block ends, rolls back when it raises.

        Raises InsideTransaction for a write inside a write, else what `db.errors` names. After
        DatabaseUnavailable the outcome of the commit is unknown.
        """
        refuse_inside_write()
        token = _writing.set(True)
        try:
            with errors.typed():
                async with (
                    self._begun(scope) as connection,
                    AsyncSession(connection, expire_on_commit=False) as session,
                ):
                    tenancy.remember(session, scope)
                    yield session
                    await session.flush()
                    await connection.commit()
        finally:
            _writing.reset(token)

    async def transact(self, scope: Scope, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Run `work` in a write; three tries, from the start, when two transactions cross."""
        attempt = 0
        while True:
            attempt += 1
            try:
                async with self.write(scope) as session:
                    return await work(session)
            except errors.SerializationConflict:
                if attempt == TRIES:
                    raise
            await asyncio.sleep(random.uniform(0, 0.02 * attempt))  # noqa: S311  jitter, no secret

    @asynccontextmanager
    async def _begun(self, scope: Scope) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction with its scope; rolled back unless somebody commits."""
        async with self._engine.connect() as connection:
            try:
                await tenancy.apply(connection, scope)
            except exc.DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                # The server went away while this connection was idle in the pool, and nothing has
                # been done on it: a new one is as good.
                await connection.rollback()
                await tenancy.apply(connection, scope)
            yield connection

    async def _begin_read(self, scope: Scope) -> tuple[AsyncConnection, Any]:
        """A connection and its driver's, in a read-only transaction that SQLAlchemy has no part in.

        Reads are most of what we do, and this halves what a short one costs: one trip begins the
        transaction and sets its scope, and nothing is prepared, compiled or rolled back twice.
        """
        lost: BaseException | None = None
        # Every connection of the pool may have been idle when the server went away.
        for _ in range(self._size + 1):
            connection = await self._reads.connect().start()
            begun = False
            try:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                await driver.execute(tenancy.begin_read(scope))
                tenancy.remember(connection, scope)
                begun = True
            except errors.DRIVER_FAULTS as error:
                lost = error
            finally:
                if not begun:
                    await connection.invalidate()
                    await asyncio.shield(connection.close())
            if begun:
                return connection, driver
        raise errors.of_driver(lost) from lost


async def _end_read(connection: AsyncConnection, driver: Any) -> None:
    """End the transaction, or else the connection: the pool must not get it back half-way."""
    try:
        if not driver.is_closed():
            await driver.execute("COMMIT")
    finally:
        if not driver.is_closed() and driver.is_in_transaction():
            await connection.invalidate()
        await asyncio.shield(connection.close())
