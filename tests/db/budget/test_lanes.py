"""Lanes: who may take the last slots, and at which pace."""

import asyncio

import pytest

from numbering.lanes import Lane
from tests.kit.paces import FOREVER, MakePace, VirtualTime, refusal, take


async def test_bulk_leaves_the_reserve(make: MakePace, clock: VirtualTime) -> None:
    pace = make(limit=100)
    for _ in range(90):
        await pace.acquire(Lane.BULK)
        await clock.advance(0.6)
    assert (await refusal(pace, Lane.BULK)).retry_after == pytest.approx(41, abs=1)
    await take(pace, 10)
    await refusal(pace)


async def test_a_sweep_leaves_half(make: MakePace, clock: VirtualTime) -> None:
    pace = make(limit=100)
    for _ in range(50):
        await pace.acquire(Lane.SWEEP)
        await clock.advance(0.6)
    await refusal(pace, Lane.SWEEP)
    await pace.acquire(Lane.BULK)


@pytest.mark.parametrize("lane", [Lane.BULK, Lane.SWEEP])
async def test_the_smallest_budget_still_serves_everybody(lane: Lane, make: MakePace) -> None:
    await make(limit=1).acquire(lane)


async def test_background_calls_keep_their_distance(make: MakePace, clock: VirtualTime) -> None:
    pace = make(limit=100)
    # One late call may be caught up, then the gap of 0.6 s stands.
    await pace.acquire(Lane.BULK)
    await pace.acquire(Lane.SWEEP)
    assert (await refusal(pace, Lane.BULK)).retry_after == pytest.approx(0.6)
    await pace.acquire(Lane.INTERACTIVE)
    await clock.advance(0.6)
    await pace.acquire(Lane.BULK)


async def test_interactive_callers_do_not_queue_behind_bulk(make: MakePace) -> None:
    sleepers = asyncio.Semaphore(0)

    async def sleep(_: float) -> None:
        sleepers.release()
        await asyncio.Event().wait()

    pace = make(limit=20, sleep=sleep)
    await take(pace, 10)
    waiting = [asyncio.create_task(pace.acquire(Lane.BULK, wait=FOREVER)) for _ in range(5)]
    await sleepers.acquire()
    await take(pace, 10)
    # Now nothing is left, and still a waiter of this lane is the first of its own queue.
    waiting.append(asyncio.create_task(pace.acquire(Lane.INTERACTIVE, wait=FOREVER)))
    async with asyncio.timeout(5):
        await sleepers.acquire()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
