"""`pg_ctl -m immediate` in the middle of a check and of an activation: both go on by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.conftest import Order, far_rig
from tests.faults.far_sandbox import FarSandbox
from tests.faults.forge import stopped, worker
from tests.faults.test_restarts import crash
from tests.kit.postgres import TestCluster
from tests.workflows.port_rig import PortRig, csv_of
from tests.workflows.rig import Rig

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("faults")]

LINES = range(1301, 1361)


@pytest.fixture
async def rig(own_cluster: TestCluster, carrier: FarSandbox) -> AsyncIterator[Rig]:
    """A gateway on a server that may crash."""
    async for made in far_rig(await own_cluster.clone(), carrier):
        yield made


async def _until(rig: Rig, query: str) -> None:
    """Until this is true in a database that was away."""
    async with asyncio.timeout(60):
        while not await rig.owner.fetchval(query):  # noqa: ASYNC110  another process writes
            await asyncio.sleep(0)


async def test_the_database_restarts_in_a_validation(
    ports: PortRig, rig: Rig, own_cluster: TestCluster, orders: Order, carrier: FarSandbox
) -> None:
    carrier.pace(6)
    project_id = await ports.project()
    assert (await ports.upload(project_id, csv_of(*LINES))).accepted.refusals == ()
    with worker(orders(rig.urls)) as process:
        await _until(rig, "SELECT checked_count > 5 FROM voice.port_projects")
        await crash(rig, own_cluster)
        assert (await ports.row(project_id))["status"] == "VALIDATING"
        await _until(rig, "SELECT status = 'VALIDATED' FROM voice.port_projects")
        await _over(rig)
        assert process.is_alive()
        assert await asyncio.to_thread(stopped, process) == 0
    assert await ports.states(project_id) == ["VALID"] * len(LINES)
    assert ports.sent("/upload") == 1
    await rig.check()


async def test_the_database_restarts_in_an_activation(
    ports: PortRig, rig: Rig, own_cluster: TestCluster, orders: Order, carrier: FarSandbox
) -> None:
    """While the dids that were born are told to the carrier, and perhaps before."""
    carrier.pace(60)
    project_id = await ports.submitted(*LINES)
    told = len(carrier.calls())
    carrier.hurry((await ports.row(project_id))["carrier_id"], "COMPLETE")
    with worker(orders(rig.urls)) as process:
        while len(carrier.calls()) < told + 5:  # noqa: ASYNC110  calls at the carrier
            await asyncio.sleep(0)
        await crash(rig, own_cluster)
        await _until(rig, "SELECT status = 'COMPLETE' FROM voice.port_projects")
        await _over(rig)
        assert process.is_alive()
        assert await asyncio.to_thread(stopped, process) == 0
    assert await ports.states(project_id) == ["ACTIVE"] * len(LINES)
    numbers = await rig.owner.fetch("SELECT number FROM voice.dids WHERE ported")
    assert len(numbers) == len(LINES)
    metadata = [call for call in carrier.calls() if call["path"].endswith("/metadata")]
    assert {call["tn"] for call in metadata} == {row["number"][2:] for row in numbers}
    await rig.check()


async def _over(rig: Rig) -> None:
    await _until(
        rig,
        "SELECT NOT EXISTS (SELECT FROM ops.operation"
        " WHERE state NOT IN ('SUCCEEDED', 'FAILED', 'ATTENTION'))",
    )
