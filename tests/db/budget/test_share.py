"""Greed with jitter: never over the limit, and hardly under the share."""

import random

import pytest

from db.budget import SlotPace
from numbering.lanes import Lane
from numbering.pace import Verdict
from tests.kit.paces import FOREVER, MakePace, Meter, VirtualTime


@pytest.mark.parametrize(
    ("seed", "limit", "latency"), [(1, 100, 0.2), (2, 100, 1.0), (3, 40, 0.02)]
)
async def test_greedy_callers_never_exceed_the_limit_and_use_their_share(
    seed: int, limit: int, latency: float, make: MakePace, clock: VirtualTime
) -> None:
    """Each actor stands for a process: its own pace, jitter on both ways, nothing but greed."""
    chance, meter, end = random.Random(seed), Meter(), 180.0
    bulk = Meter()

    async def call(pace: SlotPace, lane: Lane, wait: float, *meters: Meter) -> None:
        ticket = await pace.acquire(lane, wait=wait)
        await clock.sleep(chance.random() * latency)
        for meter in meters:
            meter.arrive(clock.now)
        await clock.sleep(chance.random() * latency)
        await ticket.settle(chance.choices([Verdict.OK, Verdict.REFUSED], [9, 1])[0])

    async def greedy(lane: Lane) -> None:
        pace = make(limit, jitter=chance.random)
        while clock.now < end:
            await call(pace, lane, FOREVER, meter, bulk)

    async def person() -> None:
        pace = make(limit, jitter=chance.random)
        while clock.now < end:
            await call(pace, Lane.INTERACTIVE, 0, meter)
            await clock.sleep(8 + 4 * chance.random())

    await clock.run(*(greedy(Lane.BULK) for _ in range(4)), greedy(Lane.SWEEP))
    assert meter.busiest(60) <= limit
    assert bulk.between(60, 180) >= 0.9 * (limit - 10) * 2
    end += 100
    await clock.run(*(greedy(Lane.BULK) for _ in range(4)), person())
    assert meter.busiest(60) <= limit
