"""One database for the tests of the budget, emptied before each: they touch two tables only."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from db import roles
from db.budget import SlotPace
from tests.kit.paces import SIMULATED, MakePace, VirtualTime
from tests.kit.postgres import TestCluster, run_apart


@pytest.fixture(scope="package")
def budget_urls(postgres_cluster: TestCluster) -> Iterator[roles.Urls]:
    urls = run_apart(postgres_cluster.clone())
    yield urls
    run_apart(postgres_cluster.drop(urls))


@pytest.fixture
async def budget_owner(budget_urls: roles.Urls) -> AsyncIterator[asyncpg.Connection]:
    """The tables' owner, who may do to them what no process of ours can."""
    connection = await asyncpg.connect(budget_urls.owner)
    await connection.execute("TRUNCATE ops.token, ops.slot")
    yield connection
    await connection.close()


@pytest.fixture
async def clock(budget_owner: asyncpg.Connection) -> VirtualTime:
    return await VirtualTime.begin(budget_owner)


@pytest.fixture
async def pool(clock: VirtualTime, budget_urls: roles.Urls) -> AsyncIterator[asyncpg.Pool]:
    """The application's own role, in virtual time."""
    async with asyncpg.create_pool(
        budget_urls.app, min_size=1, max_size=8, server_settings=SIMULATED
    ) as pool:
        yield pool


@pytest.fixture
def make(clock: VirtualTime, pool: asyncpg.Pool) -> MakePace:
    """Make the pace of one more process."""

    def pace(limit: int = 20, **settings: Any) -> SlotPace:
        # A machine busy with other tests must not look like a database that is away.
        settings = {"sleep": clock.sleep, "jitter": lambda: 0.0, "store_timeout": 60, **settings}
        return SlotPace(pool, token_name="prod", limit=limit, **settings)

    return pace
