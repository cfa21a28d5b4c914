"""Jobs: rows of the same transaction, one for each operation, taken by the worker's role."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from pgqueuer.models import Job as Taken
from pgqueuer.qm import QueueManager
from sqlalchemy.ext.asyncio import AsyncSession

from db import jobs, operations, roles, seed
from db.engine import Database
from numbering.actors import Scope
from numbering.lanes import Lane
from tests.db import make

A = Scope.customer(seed.CUSTOMER_A)
QUEUED = "SELECT entrypoint, priority, status::text, dedupe_key, convert_from(payload, 'UTF8') AS p"


async def queued(owner: asyncpg.Connection) -> list[tuple[object, ...]]:
    """Entrypoint, priority, status, key and payload of every job."""
    return [tuple(row) for row in await owner.fetch(QUEUED + " FROM queue.pgqueuer ORDER BY id")]


async def test_a_job_says_which_operation_and_nothing_else(
    database: Database, owner: asyncpg.Connection
) -> None:
    one, other = make.stranger(), make.stranger()
    async with database.write(A) as session:
        await jobs.enqueue(session, one, lane=Lane.INTERACTIVE, priority=-3)
        await jobs.enqueue_all(
            session, [jobs.Job(other, Lane.BULK), jobs.Job(UUID(int=1), Lane.SWEEP)]
        )
    assert await queued(owner) == [
        ("operation.interactive", -3, "queued", str(one), str(one)),
        ("operation.bulk", 0, "queued", str(other), str(other)),
        ("operation.bulk", 0, "queued", str(UUID(int=1)), str(UUID(int=1))),
    ]


async def test_a_rollback_removes_the_job(database: Database, owner: asyncpg.Connection) -> None:
    async def fail() -> None:
        async with database.write(A) as session:
            await jobs.enqueue(session, make.stranger(), lane=Lane.BULK)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await queued(owner) == []


async def test_a_job_that_is_the_first_statement_is_rolled_back_too(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with AsyncSession(database._engine) as bare:
        await jobs.enqueue(bare, make.stranger(), lane=Lane.BULK)
        await bare.rollback()
    assert await queued(owner) == []


async def test_nobody_sees_a_job_before_its_operation(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with database.write(A) as session:
        await jobs.enqueue(session, make.stranger(), lane=Lane.BULK)
        assert await queued(owner) == []
    assert len(await queued(owner)) == 1


async def test_a_second_job_hurries_the_first_and_breaks_nothing(
    database: Database, owner: asyncpg.Connection
) -> None:
    operation = make.operation()
    async with database.write(A) as session:
        later = jobs.Job(operation.id, Lane.BULK, priority=-9, delay=timedelta(hours=1))
        await jobs.enqueue_all(session, [later, jobs.Job(make.stranger(), Lane.BULK)])
    async with database.write(A) as session:
        await jobs.enqueue(session, operation.id, lane=Lane.BULK, priority=-1)
        await jobs.enqueue(session, operation.id, lane=Lane.BULK, delay=timedelta(hours=2))
        await operations.insert(session, operation)
    assert [row[1] for row in await queued(owner)] == [0, 0]
    assert await owner.fetchval("SELECT max(execute_after) <= now() FROM queue.pgqueuer")
    assert await owner.fetchval("SELECT count(*) FROM ops.operation") == 1


async def test_a_job_that_is_being_worked_on_stays_as_it_is(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with database.write(A) as session:
        await jobs.enqueue(session, UUID(int=7), lane=Lane.BULK)
    await owner.execute("UPDATE queue.pgqueuer SET status = 'picked'")
    async with database.write(A) as session:
        await jobs.enqueue(session, UUID(int=7), lane=Lane.BULK, priority=9)
    assert [row[1:3] for row in await queued(owner)] == [(0, "picked")]


async def test_none_at_all_is_no_statement(database: Database) -> None:
    async with database.write(A) as session:
        await jobs.enqueue_all(session, [])


async def test_the_worker_takes_them_by_lane_and_priority(
    database: Database, database_urls: roles.Urls, owner: asyncpg.Connection
) -> None:
    wanted = [UUID(int=n) for n in range(1, 5)]
    async with database.write(A) as session:
        for number, operation_id in enumerate(wanted):
            await jobs.enqueue(session, operation_id, lane=Lane.BULK, priority=number)
    taken: list[str] = []
    async with asyncpg.create_pool(database_urls.worker, min_size=2, max_size=3) as pool:
        manager = QueueManager(jobs.queries(pool), jobs.CHANNEL)

        @manager.entrypoint(jobs.BULK, concurrency_limit=1)
        async def work(job: Taken) -> None:
            assert job.payload is not None
            taken.append(job.payload.decode())
            if len(taken) == len(wanted):
                manager.shutdown.set()

        async with asyncio.timeout(30):
            await manager.run(dequeue_timeout=timedelta(seconds=1))
    assert taken == [str(each) for each in reversed(wanted)]
    assert await queued(owner) == []


async def test_the_gateway_cannot_take_jobs(database_urls: roles.Urls) -> None:
    connection = await asyncpg.connect(database_urls.app)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM queue.pgqueuer")
    await connection.close()
