"""`pg_ctl -m immediate` in the middle of the work: it goes on by itself, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from db import embedded
from db.errors import DatabaseFault
from tests.faults.conftest import Order, far_rig
from tests.faults.far_sandbox import FarSandbox
from tests.faults.forge import stopped, worker
from tests.kit.postgres import VERSION, TestCluster
from tests.workflows.rig import Rig, readable

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("faults")]


@pytest.fixture
async def rig(own_cluster: TestCluster, carrier: FarSandbox) -> AsyncIterator[Rig]:
    """A gateway on a server that may crash."""
    async for made in far_rig(await own_cluster.clone(), carrier):
        yield made


async def crash(rig: Rig, cluster: TestCluster) -> None:
    """The server loses power and comes back at the same address; so does the test's connection."""
    server = cluster.server
    await asyncio.to_thread(server.stop, "immediate")
    again = await asyncio.to_thread(
        embedded.start, server.data_dir, VERSION, settings=embedded.THROWAWAY, port=server.port
    )
    server.lock, server.port = again.lock, again.port
    await rig.owner.close()
    rig.owner = await asyncpg.connect(rig.urls.owner, server_settings={"app.scope": "STAFF"})
    await readable(rig.owner)


@pytest.mark.parametrize("path", ["/reserve", "/assign"])
async def test_the_database_restarts_under_the_worker(
    rig: Rig, own_cluster: TestCluster, orders: Order, path: str
) -> None:
    numbers = rig.free(10)
    if path == "/assign":
        await rig.assign(await rig.held(*numbers))
    else:
        await rig.reserve(*numbers)
    with worker(orders(rig.urls)) as process:
        while not rig.sent(numbers[2], path):  # noqa: ASYNC110  a call at the carrier
            await asyncio.sleep(0)
        await crash(rig, own_cluster)
        while await _left(rig):  # noqa: ASYNC110  rows of a database that was away
            await asyncio.sleep(0)
        assert process.is_alive()
        assert await asyncio.to_thread(stopped, process) == 0
    states = {rig.sandbox.state(number)["status"] for number in numbers}
    assert states == {"IN_USE" if path == "/assign" else "RESERVED"}
    assert all(rig.sent(number, path) <= 2 for number in numbers)
    await rig.check()


async def _left(rig: Rig) -> int:
    left: int = await rig.owner.fetchval(
        "SELECT count(*) FROM ops.operation WHERE state NOT IN ('SUCCEEDED', 'FAILED', 'ATTENTION')"
    )
    return left


async def test_a_mutation_while_the_database_is_away_is_a_fault_and_leaves_nothing(
    rig: Rig, own_cluster: TestCluster
) -> None:
    """S1: the client repeats it with the same key, and there is one operation."""
    (number,) = rig.free()
    server = own_cluster.server
    await asyncio.to_thread(server.stop, "immediate")
    with pytest.raises(DatabaseFault) as away:
        await rig.reserve(number, key="same")
    assert away.value.retryable
    again = await asyncio.to_thread(
        embedded.start, server.data_dir, VERSION, settings=embedded.THROWAWAY, port=server.port
    )
    server.lock = again.lock
    first = await rig.reserve(number, key="same")
    assert first.refusals == ()
    assert (await rig.reserve(number, key="same")).operation_ids == first.operation_ids
