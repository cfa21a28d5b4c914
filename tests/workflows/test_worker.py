"""The worker with pgqueuer under it: real jobs, real waiting, restarts of its connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import asyncpg
import pytest
from pgqueuer.errors import RetryRequested

from db.engine import Database
from db.roles import Urls
from tests.workflows.rig import Rig, opened
from workflows import sweeper
from workflows.timings import Timings
from workflows.worker import Worker


@asynccontextmanager
async def working(rig: Rig, urls: Urls) -> AsyncIterator[Worker]:
    """A worker until the block is left."""
    stop = asyncio.Event()
    worker = Worker(rig.services, urls.worker)
    task = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


@pytest.fixture
async def live(
    database_urls: Urls, database: Database, worker_database: Database, owner: asyncpg.Connection
) -> AsyncIterator[Rig]:
    """A rig whose mutations wait, with short timings: somebody else does the work."""
    async with opened(
        database_urls,
        database,
        worker_database,
        owner,
        mutation_wait_seconds=20.0,
        timings=Timings().scaled(0.02),
    ) as made:
        yield made


async def test_mutations_wait_for_the_worker(live: Rig, database_urls: Urls) -> None:
    numbers = live.free(3)
    async with working(live, database_urls):
        held = await live.reserve(*numbers)
        assert held.refusals == ()
        assert held.reservation_id is not None
        bought = await live.assign(held.reservation_id)
        assert len(bought.did_ids) == 3
        released = await live.release_dids(*bought.did_ids)
        assert released.refusals == ()
    assert {(await live.did(number))["status"] for number in numbers} == {"DISCONNECTED"}
    await live.check()


async def test_a_write_in_doubt_is_cleared_up_by_later_jobs(live: Rig, database_urls: Urls) -> None:
    (number,) = live.free()
    await live.sandbox.fault("reset_after", path="*/reserve", times=1)
    async with working(live, database_urls):
        held = await live.reserve(number)
    assert held.refusals == ()
    assert (await live.item(held.reservation_id))["state"] == "HELD"
    assert live.sent(number, "/reserve") == 1
    await live.check()


async def test_the_worker_survives_its_connections(
    live: Rig, database_urls: Urls, superuser: asyncpg.Connection
) -> None:
    (first, second) = live.free(2)
    async with working(live, database_urls):
        assert (await live.reserve(first)).refusals == ()
        ended = await superuser.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE usename = 'warp_worker' AND datname = $1",
            database_urls.worker.rsplit("/", 1)[1],
        )
        assert ended >= 2
        assert (await live.reserve(second)).refusals == ()
    await live.check()


async def test_without_a_database_the_worker_keeps_trying(live: Rig, database_urls: Urls) -> None:
    stop = asyncio.Event()
    away = Worker(live.services, "postgresql://nobody@127.0.0.1:1/none")
    before = away.alive_at
    task = asyncio.create_task(away.run(stop))
    while away.alive_at == before:  # noqa: ASYNC110  the sweeper's sign of life
        await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(task, 20)


async def test_faults_become_later_jobs_and_no_text(
    live: Rig, database_urls: Urls, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = Worker(live.services, database_urls.worker)
    job = SimpleNamespace(payload=b"hunter2 is not an id")
    with pytest.raises(RetryRequested) as asked:
        await worker.handle(job)  # type: ignore[arg-type]
    assert asked.value.__cause__ is None
    assert asked.value.delay.total_seconds() == live.services.timings.retry_pause
    assert "ValueError" in capsys.readouterr().out


async def test_a_sweep_that_fails_is_followed_by_another(
    live: Rig, database_urls: Urls, capsys: pytest.CaptureFixture[str]
) -> None:
    await live.owner.execute("ALTER TABLE voice.dids RENAME TO gone")
    async with working(live, database_urls) as worker:
        while "sweeper.fault" not in capsys.readouterr().out:  # noqa: ASYNC110  a log line
            await asyncio.sleep(0)
        await live.owner.execute("ALTER TABLE voice.gone RENAME TO dids")
        seen = worker.alive_at
        while worker.alive_at == seen:  # noqa: ASYNC110  the sweeper's sign of life
            await asyncio.sleep(0)
    assert (await sweeper.sweep(live.services)) is not None
