"""The limit is changed while calls are made; what a snapshot shows."""

import asyncpg

from numbering.lifecycle import BreakerState
from numbering.pace import Verdict
from tests.kit.paces import MakePace, VirtualTime, refusal, take


async def test_it_is_raised_for_all_at_once(make: MakePace) -> None:
    old = make(limit=2)
    await take(old, 2)
    await make(limit=5).ensure()
    await take(old, 3)
    await refusal(old)


async def test_it_is_lowered_for_all_at_once(make: MakePace, clock: VirtualTime) -> None:
    old = make(limit=10)
    for ticket in await take(old, 5):
        await ticket.settle(Verdict.OK)
    await make(limit=4).ensure()
    assert (await refusal(old)).retry_after == 60
    await clock.advance(60)
    await take(old, 4)
    await refusal(old)


async def test_raising_gives_back_nothing_that_a_429_took(make: MakePace) -> None:
    pace = make(limit=8)
    (ticket,) = await take(pace, 1)
    await ticket.settle(Verdict.THROTTLED, 1)
    await pace.ensure()
    assert (await pace.snapshot()).slots_in_use == 6
    await make(limit=10).ensure()
    assert (await pace.snapshot()).slots_in_use == 8


async def test_slots_that_vanished_are_no_leave_to_call(
    make: MakePace, budget_owner: asyncpg.Connection
) -> None:
    pace = make(limit=5)
    await pace.ensure()
    await budget_owner.execute("DELETE FROM ops.slot")
    assert (await refusal(pace)).retry_after == 60


async def test_a_snapshot_shows_it_all(make: MakePace, clock: VirtualTime) -> None:
    pace = make(limit=5)
    seen = await pace.snapshot()
    assert (seen.limit_per_minute, seen.used_last_minute) == (5, 0)
    assert (seen.blocked_until, seen.breaker) == (None, BreakerState.CLOSED)
    tickets = await take(pace, 2)
    await tickets[0].settle(Verdict.THROTTLED, 3)
    seen = await pace.snapshot()
    assert seen.used_last_minute == 2
    assert seen.blocked_until is not None
    assert (seen.blocked_until - clock.moment).total_seconds() == 3
    await clock.advance(4)
    assert (await pace.snapshot()).blocked_until is None
