"""429: everybody stops, then fewer slots, then more again."""

import asyncpg

from numbering.pace import BudgetExhausted, Verdict
from tests.kit.paces import MakePace, VirtualTime, refusal, take


async def test_one_429_stops_every_process(make: MakePace, clock: VirtualTime) -> None:
    first, second = make(), make()
    (ticket,) = await take(first, 1)
    await ticket.settle(Verdict.THROTTLED, 7)
    error = await refusal(second)
    assert isinstance(error, BudgetExhausted)
    assert error.retry_after == 7
    await clock.advance(7)
    await take(second, 1)


async def test_the_asked_pause_gets_jitter(make: MakePace) -> None:
    pace = make(jitter=lambda: 0.5)
    (ticket,) = await take(pace, 1)
    await ticket.settle(Verdict.THROTTLED, 7)
    assert (await refusal(pace)).retry_after == 7.5


async def test_without_a_time_it_backs_off_further_each_time(
    make: MakePace, clock: VirtualTime, pool: asyncpg.Pool
) -> None:
    pace = make()
    most = []
    for _ in range(9):
        (ticket,) = await take(pace, 1)
        await ticket.settle(Verdict.THROTTLED)
        row = await pool.fetchrow("SELECT throttles, blocked_until FROM ops.token")
        pause = (row["blocked_until"] - clock.moment).total_seconds()
        most.append(min(60, 2 ** (row["throttles"] - 1)))
        assert 0 <= pause <= most[-1]
        await clock.advance(60)
    assert most == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    (ticket,) = await take(pace, 1)
    await ticket.settle(Verdict.OK)
    assert await pool.fetchval("SELECT throttles FROM ops.token") == 0


async def test_calls_under_way_are_one_event(make: MakePace) -> None:
    pace = make(limit=100)
    for ticket in await take(pace, 5):
        await ticket.settle(Verdict.THROTTLED, 5)
    assert (await pace.snapshot()).slots_in_use == 75


async def test_slots_come_back_one_a_window(make: MakePace, clock: VirtualTime) -> None:
    pace = make(limit=8)
    (ticket,) = await take(pace, 1)
    await ticket.settle(Verdict.THROTTLED, 1)
    assert (await pace.snapshot()).slots_in_use == 6
    await clock.advance(119)
    await take(pace, 1)
    assert (await pace.snapshot()).slots_in_use == 7
    await clock.advance(600)
    await take(pace, 1)
    assert (await pace.snapshot()).slots_in_use == 8


async def test_fewer_slots_in_use_mean_fewer_calls(make: MakePace, clock: VirtualTime) -> None:
    pace = make(limit=8)
    (ticket,) = await take(pace, 1)
    await ticket.settle(Verdict.THROTTLED, 1)
    await clock.advance(1)
    # Six in all, and the first of them is taken.
    await take(pace, 5)
    await refusal(pace)


async def test_a_rejected_token_rests_but_keeps_its_slots(make: MakePace) -> None:
    pace = make()
    (ticket,) = await take(pace, 1)
    await ticket.settle(Verdict.UNAUTHORIZED, 30)
    assert (await refusal(pace)).retry_after == 30
    assert (await pace.snapshot()).slots_in_use == 20
