"""kill -9 at every named place of every step: another worker ends it, and nothing is done twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

import psutil
import pytest

from db import events
from numbering.telephone import TelephoneNumber
from tests.faults.conftest import Order
from tests.faults.far_sandbox import FarSandbox
from tests.faults.forge import stopped, worker
from tests.workflows.rig import Rig
from tests.workflows.test_configuring import update
from workflows.outcomes import OVER

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("faults")]


async def ended(rig: Rig, operation_ids: Iterable[UUID], seconds: float = 30.0) -> None:
    """Wait until these operations are over."""
    streams = [events.of_operation(operation_id) for operation_id in operation_ids]
    found = await rig.services.hub.wait_for(
        streams, lambda event: event.kind in OVER, timeout=seconds
    )
    assert found.keys() == set(streams)
    while await rig.owner.fetchval("SELECT count(*) FROM queue.pgqueuer"):  # noqa: ASYNC110
        await asyncio.sleep(0)  # the jobs are over as well: somebody has looked at each


async def _hold(rig: Rig, number: TelephoneNumber) -> tuple[UUID, ...]:
    return (await rig.reserve(number)).operation_ids


async def _assign(rig: Rig, number: TelephoneNumber) -> tuple[UUID, ...]:
    return (await rig.assign(await rig.held(number))).operation_ids


async def _give_hold_back(rig: Rig, number: TelephoneNumber) -> tuple[UUID, ...]:
    return (await rig.release_cart(await rig.held(number))).operation_ids


async def _give_did_back(rig: Rig, number: TelephoneNumber) -> tuple[UUID, ...]:
    return (await rig.release_dids(*await rig.owned(number))).operation_ids


async def _push(rig: Rig, number: TelephoneNumber) -> tuple[UUID, ...]:
    return (await update(rig, *await rig.owned(number), voice_enabled=False)).operation_ids


Begin = Callable[[Rig, TelephoneNumber], Awaitable[tuple[UUID, ...]]]
STEPS: dict[str, tuple[str, str, str, Begin]] = {
    "S3": ("number_hold", "/reserve", "RESERVED", _hold),
    "S4": ("number_assign", "/assign", "IN_USE", _assign),
    "S6": ("number_release", "/release", "AVAILABLE", _give_hold_back),
    "S7": ("number_release", "/release", "AVAILABLE", _give_did_back),
    "S8": ("metadata_push", "/metadata", "IN_USE", _push),
}
PLACES = ["before_mark", "before_send", "after_send", "before_settle", "after_settle"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_is_killed(rig: Rig, orders: Order, step: str, place: str) -> None:
    kind, path, status, begin = STEPS[step]
    (number,) = rig.free()
    operation_ids = await begin(rig, number)
    with worker(orders(crashpoint=f"{kind}.{place}")) as doomed:
        await asyncio.to_thread(doomed.join, 20)
        assert doomed.exitcode == -signal.SIGKILL
    with worker(orders()) as heir:
        await ended(rig, operation_ids)
        assert await asyncio.to_thread(stopped, heir) == 0
    assert rig.sandbox.state(number)["status"] == status
    assert rig.sent(number, path) == 1
    await rig.check()


async def test_a_worker_that_sleeps_wakes_up_to_nothing(
    rig: Rig, orders: Order, carrier: FarSandbox
) -> None:
    """SIGSTOP while its call is under way: another one takes over, the zombie writes nothing."""
    (number,) = rig.free()
    carrier.fault("slow", "*/reserve", seconds=1, when="after", times=1)
    operation_ids = await _hold(rig, number)
    with worker(orders()) as zombie, worker(orders()) as heir:
        while not rig.sent(number, "/reserve"):  # noqa: ASYNC110  a call at the carrier
            await asyncio.sleep(0)
        await _freeze_holder(rig, zombie.pid, heir.pid)
        await ended(rig, operation_ids)
        before = await rig.operations(number)
        for process in (zombie, heir):
            os.kill(process.pid or 0, signal.SIGCONT)
            assert await asyncio.to_thread(stopped, process) == 0
    assert await rig.operations(number) == before
    assert rig.sent(number, "/reserve") == 1
    await rig.check()


async def _freeze_holder(rig: Rig, *pids: int | None) -> None:
    """Stop the process that waits for the carrier: the one with a connection to it."""
    port = int(rig.sandbox.url.split(":")[2].split("/")[0])
    for pid in pids:
        assert pid is not None
        if any(c.raddr and c.raddr.port == port for c in psutil.Process(pid).net_connections()):
            os.kill(pid, signal.SIGSTOP)


async def test_kills_at_random_moments(rig: Rig, orders: Order) -> None:
    numbers = rig.free(24)
    lots = random.Random(7)
    operation_ids = (await rig.reserve(*numbers)).operation_ids
    for _ in range(6):
        with worker(orders()) as doomed:
            seen = len(rig.sandbox.calls())
            more = lots.randrange(1, 5)
            while doomed.is_alive() and len(rig.sandbox.calls()) < seen + more:
                if await _all_over(rig):
                    break
                await asyncio.sleep(0)
            doomed.kill()
    with worker(orders()) as heir:
        await ended(rig, operation_ids)
        await asyncio.to_thread(stopped, heir)
    states = [rig.sandbox.state(number)["status"] for number in numbers]
    assert states == ["RESERVED"] * len(numbers)
    assert all(rig.sent(number, "/reserve") <= 2 for number in numbers)
    await rig.check()


async def _all_over(rig: Rig) -> bool:
    left: int = await rig.owner.fetchval(
        "SELECT count(*) FROM ops.operation WHERE state NOT IN ('SUCCEEDED', 'FAILED')"
    )
    return left == 0
