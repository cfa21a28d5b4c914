"""Waiting for a slot: until when, in which order, and when not."""

import asyncio

import asyncpg
import pytest

from db import roles
from db.budget import SlotPace
from numbering.lanes import Lane
from numbering.pace import BreakerOpen, BudgetExhausted, Verdict
from tests.kit.paces import FOREVER, SIMULATED, MakePace, VirtualTime, refusal, take


async def test_a_caller_sleeps_until_a_slot_is_back(make: MakePace, clock: VirtualTime) -> None:
    pace = make(limit=1)

    async def caller() -> None:
        for _ in range(3):
            ticket = await pace.acquire(Lane.INTERACTIVE, wait=100)
            await ticket.settle(Verdict.OK)

    await clock.run(caller())
    assert clock.now == pytest.approx(120)


async def test_nobody_waits_for_what_cannot_come_in_time(make: MakePace) -> None:
    pace = make(limit=1)
    (ticket,) = await take(pace, 1)
    await ticket.settle(Verdict.OK)
    assert (await refusal(pace, wait=59)).retry_after == pytest.approx(60)


async def test_waiters_of_a_lane_are_served_in_order(
    clock: VirtualTime, budget_urls: roles.Urls
) -> None:
    everybody_waits, served = asyncio.Event(), list[int]()

    async def sleep(seconds: float) -> None:
        await everybody_waits.wait()
        await clock.advance(seconds)

    # One connection, so that what was asked first is answered first.
    pool = await asyncpg.create_pool(
        budget_urls.app, min_size=1, max_size=1, server_settings=SIMULATED
    )
    pace = SlotPace(pool, token_name="prod", limit=1, sleep=sleep, store_timeout=60)
    (ticket,) = await take(pace, 1)
    await ticket.settle(Verdict.OK)

    async def waiter(number: int) -> None:
        ticket = await pace.acquire(Lane.INTERACTIVE, wait=FOREVER)
        served.append(number)
        await ticket.settle(Verdict.OK)

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(waiter(number))
            # By the second refusal the waiter has had its own, and stands in line.
            await refusal(pace)
            await refusal(pace)
        everybody_waits.set()
    assert served == [0, 1, 2, 3]
    await pool.close()


async def test_waiting_in_the_queue_ends_too(make: MakePace, clock: VirtualTime) -> None:
    asleep = asyncio.Event()

    async def sleep(_: float) -> None:
        asleep.set()
        await asyncio.Event().wait()

    pace = make(limit=100, sleep=sleep)
    await pace.acquire(Lane.BULK)
    await pace.acquire(Lane.BULK)
    first = asyncio.create_task(pace.acquire(Lane.BULK, wait=FOREVER))
    await asleep.wait()
    await clock.advance(0.599)
    # Less than the 1 ms until the next background call, but the one before it does not move.
    assert isinstance(await refusal(pace, Lane.BULK, wait=0.25), BudgetExhausted)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_a_sleeper_notices_the_breaker(make: MakePace, clock: VirtualTime) -> None:
    pace = make(limit=6)
    tickets = await take(pace, 6)

    async def waiter() -> None:
        assert isinstance(await refusal(pace, wait=FOREVER), BreakerOpen)

    async def failures() -> None:
        await clock.sleep(1)
        for ticket in tickets:
            await ticket.settle(Verdict.FAILED)

    await clock.run(waiter(), failures())
    assert clock.now == pytest.approx(3)
