"""Jobs: "look at operation X", rows of the transaction that wrote X, carried by pgqueuer.

A job holds nothing but the operation's id, which is its dedupe key too. Losing every job loses
nothing, because `operations.stranded` finds what has none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings
from pgqueuer.ports.driver import Driver
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from numbering.lanes import Lane

# Every name is given: pgqueuer would read an environment variable called CHANNEL or FUNCTION.
SETTINGS = DBSettings(
    db_schema="queue",
    prefix="",
    channel="warp_jobs",
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
)
CHANNEL = SETTINGS.channel
"""What `PgQueuer(channel=…)` has to listen on."""

INTERACTIVE, BULK = "operation.interactive", "operation.bulk"
"""The entrypoints."""

_HURRY = text("""
    UPDATE queue.pgqueuer SET
      execute_after = least(execute_after, now() + CAST(:delay AS interval)),
      priority = greatest(priority, CAST(:priority AS integer))
    WHERE dedupe_key = CAST(:key AS text) AND status = 'queued'
""")


@dataclass(frozen=True, slots=True)
class Job:
    """A request to look at an operation; a higher priority goes first within its lane."""

    operation_id: UUID
    lane: Lane
    priority: int = 0
    delay: timedelta = timedelta(0)

    @property
    def entrypoint(self) -> str:
        """Where workers take it from: whatever is not interactive is bulk."""
        return INTERACTIVE if self.lane is Lane.INTERACTIVE else BULK


def queries(source: asyncpg.Connection | asyncpg.Pool) -> Queries:
    """pgqueuer's queries on our schema, for a worker's pool or connection."""
    driver: Driver = (
        AsyncpgPoolDriver(source) if isinstance(source, asyncpg.Pool) else AsyncpgDriver(source)
    )
    return Queries(
        driver,
        QueryBuilderEnvironment(SETTINGS),
        QueryQueueBuilder(SETTINGS),
        QuerySchedulerBuilder(SETTINGS),
    )


async def _driver_connection(session: AsyncSession) -> asyncpg.Connection:
    """The session's own asyncpg connection, inside its transaction.

    SQLAlchemy begins with the first statement, not before: without one a job would be written
    outside of the transaction and survive its rollback (decisions 14, seen).
    """
    connection = await session.connection()
    await connection.execute(text("SELECT 1"))
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    return driver


async def enqueue(
    session: AsyncSession,
    operation_id: UUID,
    *,
    lane: Lane,
    priority: int = 0,
    delay: timedelta = timedelta(0),
) -> None:
    """Enqueue one operation; see `enqueue_all`."""
    await enqueue_all(session, [Job(operation_id, lane, priority, delay)])


async def enqueue_all(session: AsyncSession, jobs: Iterable[Job]) -> None:
    """Enqueue with the transaction of `session`; an operation that has a job keeps that one.

    A job that waits for later is brought forward to the new time and priority. A job that is being
    worked on right now is left alone: its worker sees the operation as it is, or the sweeper does.
    """
    wanted = list(jobs)
    if not wanted:
        return
    made = await queries(await _driver_connection(session)).enqueue(
        [job.entrypoint for job in wanted],
        [str(job.operation_id).encode() for job in wanted],
        [job.priority for job in wanted],
        [job.delay for job in wanted],
        [str(job.operation_id) for job in wanted],
        on_conflict="skip",
    )
    for job, job_id in zip(wanted, made, strict=True):
        if job_id is None:
            await session.execute(
                _HURRY,
                {"delay": job.delay, "priority": job.priority, "key": str(job.operation_id)},
            )
