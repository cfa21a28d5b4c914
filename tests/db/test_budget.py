"""The rate slots on a real PostgreSQL, in virtual time (tests/kit/paces.py)."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from db import roles
from db.budget import SlotPace, SlotTicket
from numbering.lanes import Lane
from numbering.lifecycle import BreakerState
from numbering.pace import BreakerOpen, BudgetExhausted, BudgetUnavailable, PaceRefusal, Verdict
from tests.kit.paces import SIMULATED, Meter, VirtualTime

FOREVER = 1e9
MakePace = Callable[..., SlotPace]


@pytest.fixture
async def time(owner: asyncpg.Connection) -> VirtualTime:
    return await VirtualTime.begin(owner)


@pytest.fixture
async def pool(time: VirtualTime, database_urls: roles.Urls) -> AsyncIterator[asyncpg.Pool]:
    """The application's own role."""
    async with asyncpg.create_pool(
        database_urls.app, min_size=1, max_size=8, server_settings=SIMULATED
    ) as pool:
        yield pool


@pytest.fixture
def make(time: VirtualTime, pool: asyncpg.Pool) -> MakePace:
    """Make the pace of one more process."""

    def pace(limit: int = 20, **settings: Any) -> SlotPace:
        settings = {"sleep": time.sleep, "jitter": lambda: 0.0, **settings}
        return SlotPace(pool, token_name="prod", limit=limit, **settings)

    return pace


async def take(pace: SlotPace, count: int, lane: Lane = Lane.INTERACTIVE) -> list[SlotTicket]:
    return [await pace.acquire(lane) for _ in range(count)]


async def refusal(pace: SlotPace, lane: Lane = Lane.INTERACTIVE, wait: float = 0) -> PaceRefusal:
    with pytest.raises(PaceRefusal) as caught:
        await pace.acquire(lane, wait=wait)
    return caught.value


async def fail(pace: SlotPace, count: int) -> None:
    for ticket in await take(pace, count):
        await ticket.settle(Verdict.FAILED)


class TestSlots:
    async def test_there_are_as_many_as_the_limit(self, make: MakePace) -> None:
        pace = make(limit=3)
        await take(pace, 3)
        error = await refusal(pace)
        assert isinstance(error, BudgetExhausted)
        # None of the three is settled yet: at best one is, just now.
        assert error.retry_after == 60

    async def test_simultaneous_callers_of_two_processes_share_them(self, make: MakePace) -> None:
        paces = make(), make()
        calls = (paces[i % 2].acquire(Lane.INTERACTIVE) for i in range(50))
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(isinstance(r, SlotTicket) for r in results) == 20
        assert sum(isinstance(r, BudgetExhausted) for r in results) == 30

    async def test_a_slot_comes_back_a_window_after_the_answer(
        self, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make(limit=1)
        (ticket,) = await take(pace, 1)
        await time.advance(2)
        await ticket.settle(Verdict.OK)
        await time.advance(59)
        assert (await refusal(pace)).retry_after == 1
        await time.advance(1)
        await take(pace, 1)

    async def test_the_slot_of_a_dead_process_frees_itself(
        self, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make(limit=1)
        await take(pace, 1)
        await time.advance(94)
        assert (await refusal(pace)).retry_after == 1
        await time.advance(1)
        await take(pace, 1)

    @pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.ABANDONED])
    async def test_a_call_without_answer_may_still_arrive_until_its_hold_ends(
        self, verdict: Verdict, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make(limit=1)
        (ticket,) = await take(pace, 1)
        await ticket.settle(verdict)
        await time.advance(94)
        await refusal(pace)
        await time.advance(1)
        await take(pace, 1)

    async def test_a_late_settlement_leaves_the_next_holder_alone(
        self, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make(limit=1)
        (late,) = await take(pace, 1)
        await time.advance(95)
        await take(pace, 1)
        await late.settle(Verdict.OK)
        await time.advance(60)
        assert (await refusal(pace)).retry_after == 35

    async def test_only_the_first_settlement_counts(
        self, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make(limit=1)
        (ticket,) = await take(pace, 1)
        await ticket.settle(Verdict.OK)
        await ticket.settle(Verdict.THROTTLED, 300)
        await time.advance(60)
        await take(pace, 1)


class TestLanes:
    async def test_bulk_leaves_the_reserve(self, make: MakePace, time: VirtualTime) -> None:
        pace = make(limit=100)
        for _ in range(90):
            await pace.acquire(Lane.BULK)
            await time.advance(0.6)
        assert (await refusal(pace, Lane.BULK)).retry_after == pytest.approx(41, abs=1)
        await take(pace, 10)
        await refusal(pace)

    async def test_a_sweep_leaves_half(self, make: MakePace, time: VirtualTime) -> None:
        pace = make(limit=100)
        for _ in range(50):
            await pace.acquire(Lane.SWEEP)
            await time.advance(0.6)
        await refusal(pace, Lane.SWEEP)
        await pace.acquire(Lane.BULK)

    @pytest.mark.parametrize("lane", [Lane.BULK, Lane.SWEEP])
    async def test_the_smallest_budget_still_serves_everybody(
        self, lane: Lane, make: MakePace
    ) -> None:
        await make(limit=1).acquire(lane)

    async def test_background_calls_keep_their_distance(
        self, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make(limit=100)
        # One late call may be caught up, then the gap of 0.6 s stands.
        await pace.acquire(Lane.BULK)
        await pace.acquire(Lane.SWEEP)
        assert (await refusal(pace, Lane.BULK)).retry_after == pytest.approx(0.6)
        await pace.acquire(Lane.INTERACTIVE)
        await time.advance(0.6)
        await pace.acquire(Lane.BULK)

    async def test_interactive_callers_do_not_queue_behind_bulk(self, make: MakePace) -> None:
        asleep = asyncio.Event()

        async def sleep(_: float) -> None:
            asleep.set()
            await asyncio.Event().wait()

        pace = make(limit=20, sleep=sleep)
        await take(pace, 10)
        bulk = [asyncio.create_task(pace.acquire(Lane.BULK, wait=FOREVER)) for _ in range(5)]
        await asleep.wait()
        await take(pace, 10)
        for task in bulk:
            task.cancel()
        await asyncio.gather(*bulk, return_exceptions=True)


class TestWaiting:
    async def test_a_caller_sleeps_until_a_slot_is_back(
        self, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make(limit=1)

        async def caller() -> None:
            for _ in range(3):
                ticket = await pace.acquire(Lane.INTERACTIVE, wait=100)
                await ticket.settle(Verdict.OK)

        await time.run(caller())
        assert time.now == pytest.approx(120)

    async def test_nobody_waits_for_what_cannot_come_in_time(self, make: MakePace) -> None:
        pace = make(limit=1)
        (ticket,) = await take(pace, 1)
        await ticket.settle(Verdict.OK)
        assert (await refusal(pace, wait=59)).retry_after == pytest.approx(60)

    async def test_waiters_of_a_lane_are_served_in_order(
        self, time: VirtualTime, database_urls: roles.Urls
    ) -> None:
        everybody_waits, served = asyncio.Event(), list[int]()

        async def sleep(seconds: float) -> None:
            await everybody_waits.wait()
            await time.advance(seconds)

        # One connection, so that what was asked first is answered first.
        pool = await asyncpg.create_pool(
            database_urls.app, min_size=1, max_size=1, server_settings=SIMULATED
        )
        pace = SlotPace(pool, token_name="prod", limit=1, sleep=sleep, jitter=lambda: 0.0)
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

    async def test_waiting_in_the_queue_ends_too(self, make: MakePace, time: VirtualTime) -> None:
        asleep = asyncio.Event()

        async def sleep(_: float) -> None:
            asleep.set()
            await asyncio.Event().wait()

        pace = make(limit=100, sleep=sleep)
        await pace.acquire(Lane.BULK)
        await pace.acquire(Lane.BULK)
        first = asyncio.create_task(pace.acquire(Lane.BULK, wait=FOREVER))
        await asleep.wait()
        await time.advance(0.599)
        # Less than the 1 ms until the next background call, but the one before it does not move.
        assert isinstance(await refusal(pace, Lane.BULK, wait=0.01), BudgetExhausted)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    async def test_a_sleeper_notices_the_breaker(self, make: MakePace, time: VirtualTime) -> None:
        pace = make(limit=6)
        tickets = await take(pace, 6)

        async def waiter() -> None:
            assert isinstance(await refusal(pace, wait=FOREVER), BreakerOpen)

        async def failures() -> None:
            await time.sleep(1)
            for ticket in tickets:
                await ticket.settle(Verdict.FAILED)

        await time.run(waiter(), failures())
        assert time.now == pytest.approx(3)


class TestThrottling:
    async def test_one_429_stops_every_process(self, make: MakePace, time: VirtualTime) -> None:
        first, second = make(), make()
        (ticket,) = await take(first, 1)
        await ticket.settle(Verdict.THROTTLED, 7)
        error = await refusal(second)
        assert isinstance(error, BudgetExhausted)
        assert error.retry_after == 7
        await time.advance(7)
        await take(second, 1)

    async def test_the_asked_pause_gets_jitter(self, make: MakePace) -> None:
        pace = make(jitter=lambda: 0.5)
        (ticket,) = await take(pace, 1)
        await ticket.settle(Verdict.THROTTLED, 7)
        assert (await refusal(pace)).retry_after == 7.5

    async def test_without_a_time_it_backs_off_further_each_time(
        self, make: MakePace, time: VirtualTime, pool: asyncpg.Pool
    ) -> None:
        pace = make()
        most = []
        for _ in range(9):
            (ticket,) = await take(pace, 1)
            await ticket.settle(Verdict.THROTTLED)
            row = await pool.fetchrow("SELECT throttles, blocked_until FROM ops.token")
            pause = (row["blocked_until"] - time.moment).total_seconds()
            most.append(min(60, 2 ** (row["throttles"] - 1)))
            assert 0 <= pause <= most[-1]
            await time.advance(60)
        assert most == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        (ticket,) = await take(pace, 1)
        await ticket.settle(Verdict.OK)
        assert await pool.fetchval("SELECT throttles FROM ops.token") == 0

    async def test_calls_under_way_are_one_event(self, make: MakePace) -> None:
        pace = make(limit=100)
        for ticket in await take(pace, 5):
            await ticket.settle(Verdict.THROTTLED, 5)
        assert (await pace.snapshot()).slots_in_use == 75

    async def test_slots_come_back_one_a_window(self, make: MakePace, time: VirtualTime) -> None:
        pace = make(limit=8)
        (ticket,) = await take(pace, 1)
        await ticket.settle(Verdict.THROTTLED, 1)
        assert (await pace.snapshot()).slots_in_use == 6
        await time.advance(119)
        await take(pace, 1)
        assert (await pace.snapshot()).slots_in_use == 7
        await time.advance(600)
        await take(pace, 1)
        assert (await pace.snapshot()).slots_in_use == 8

    async def test_fewer_slots_in_use_mean_fewer_calls(
        self, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make(limit=8)
        (ticket,) = await take(pace, 1)
        await ticket.settle(Verdict.THROTTLED, 1)
        await time.advance(1)
        # Six in all, and the first of them is taken.
        await take(pace, 5)
        await refusal(pace)

    async def test_a_rejected_token_rests_but_keeps_its_slots(self, make: MakePace) -> None:
        pace = make()
        (ticket,) = await take(pace, 1)
        await ticket.settle(Verdict.UNAUTHORIZED, 30)
        assert (await refusal(pace)).retry_after == 30
        assert (await pace.snapshot()).slots_in_use == 20


class TestBreaker:
    async def test_it_opens_after_six_failures_in_a_row(self, make: MakePace) -> None:
        pace, other = make(), make()
        await fail(pace, 5)
        await take(pace, 1)
        await fail(pace, 1)
        error = await refusal(other, wait=FOREVER)
        assert isinstance(error, BreakerOpen)
        assert error.retry_after == 30

    @pytest.mark.parametrize("alive", [Verdict.OK, Verdict.REFUSED, Verdict.UNAUTHORIZED])
    async def test_an_answer_ends_the_row(self, alive: Verdict, make: MakePace) -> None:
        pace = make()
        await fail(pace, 5)
        (ticket,) = await take(pace, 1)
        await ticket.settle(alive)
        await fail(pace, 5)
        await take(pace, 1)

    @pytest.mark.parametrize("silent", [Verdict.ABANDONED, Verdict.THROTTLED])
    async def test_what_says_nothing_does_not_end_it(
        self, silent: Verdict, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make()
        await fail(pace, 5)
        (ticket,) = await take(pace, 1)
        await ticket.settle(silent, 1 if silent is Verdict.THROTTLED else None)
        await time.advance(1)
        await fail(pace, 1)
        assert isinstance(await refusal(pace), BreakerOpen)

    async def test_it_opens_when_most_of_the_last_twenty_failed(self, make: MakePace) -> None:
        pace = make(limit=100)
        for verdict in [Verdict.OK, Verdict.FAILED] * 9 + [Verdict.FAILED]:
            (ticket,) = await take(pace, 1)
            await ticket.settle(verdict)
        await fail(pace, 1)
        assert isinstance(await refusal(pace), BreakerOpen)

    async def test_half_is_not_most(self, make: MakePace) -> None:
        pace = make(limit=100)
        for verdict in [Verdict.OK, Verdict.FAILED] * 15:
            (ticket,) = await take(pace, 1)
            await ticket.settle(verdict)
        await take(pace, 1)

    async def test_half_open_lets_one_probe_through(
        self, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make()
        await fail(pace, 6)
        await time.advance(30)
        assert (await pace.snapshot()).breaker is BreakerState.HALF_OPEN
        (probe,) = await take(pace, 1)
        error = await refusal(pace)
        assert isinstance(error, BreakerOpen)
        assert error.retry_after == 35
        await probe.settle(Verdict.OK)
        assert (await pace.snapshot()).breaker is BreakerState.CLOSED
        # The past is forgotten: five more failures are not six.
        await fail(pace, 5)
        await take(pace, 1)

    async def test_a_failed_probe_opens_it_again(self, make: MakePace, time: VirtualTime) -> None:
        pace = make()
        await fail(pace, 6)
        await time.advance(30)
        await fail(pace, 1)
        assert (await refusal(pace)).retry_after == 30

    async def test_a_throttled_probe_closes_it(self, make: MakePace, time: VirtualTime) -> None:
        pace = make()
        await fail(pace, 6)
        await time.advance(30)
        (probe,) = await take(pace, 1)
        await probe.settle(Verdict.THROTTLED, 5)
        assert isinstance(await refusal(pace), BudgetExhausted)

    async def test_an_abandoned_probe_makes_way_for_the_next(
        self, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make()
        await fail(pace, 6)
        await time.advance(30)
        (probe,) = await take(pace, 1)
        await probe.settle(Verdict.ABANDONED)
        await take(pace, 1)
        assert isinstance(await refusal(pace), BreakerOpen)

    async def test_a_lost_probe_makes_way_when_its_hold_ends(
        self, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make()
        await fail(pace, 6)
        await time.advance(30)
        await take(pace, 1)
        await time.advance(35)
        await take(pace, 1)

    async def test_answers_of_older_calls_decide_nothing(
        self, make: MakePace, time: VirtualTime
    ) -> None:
        pace = make()
        older = await take(pace, 4)
        await fail(pace, 6)
        await older[0].settle(Verdict.OK)
        assert isinstance(await refusal(pace), BreakerOpen)
        await time.advance(30)
        await take(pace, 1)
        await older[1].settle(Verdict.OK)
        await older[2].settle(Verdict.FAILED)
        await older[3].settle(Verdict.ABANDONED)
        error = await refusal(pace)
        assert isinstance(error, BreakerOpen)
        assert error.retry_after == 35


class TestLimit:
    async def test_it_is_raised_for_all_at_once(self, make: MakePace) -> None:
        old = make(limit=2)
        await take(old, 2)
        await make(limit=5).ensure()
        await take(old, 3)
        await refusal(old)

    async def test_it_is_lowered_for_all_at_once(self, make: MakePace, time: VirtualTime) -> None:
        old = make(limit=10)
        for ticket in await take(old, 5):
            await ticket.settle(Verdict.OK)
        await make(limit=4).ensure()
        assert (await refusal(old)).retry_after == 60
        await time.advance(60)
        await take(old, 4)
        await refusal(old)

    async def test_raising_gives_back_nothing_that_a_429_took(self, make: MakePace) -> None:
        pace = make(limit=8)
        (ticket,) = await take(pace, 1)
        await ticket.settle(Verdict.THROTTLED, 1)
        await pace.ensure()
        assert (await pace.snapshot()).slots_in_use == 6
        await make(limit=10).ensure()
        assert (await pace.snapshot()).slots_in_use == 8

    async def test_slots_that_vanished_are_no_leave_to_call(
        self, make: MakePace, owner: asyncpg.Connection
    ) -> None:
        pace = make(limit=5)
        await pace.ensure()
        await owner.execute("DELETE FROM ops.slot")
        assert (await refusal(pace)).retry_after == 60

    async def test_a_snapshot_shows_it_all(self, make: MakePace, time: VirtualTime) -> None:
        pace = make(limit=5)
        seen = await pace.snapshot()
        assert (seen.limit_per_minute, seen.used_last_minute) == (5, 0)
        assert (seen.blocked_until, seen.breaker) == (None, BreakerState.CLOSED)
        tickets = await take(pace, 2)
        await tickets[0].settle(Verdict.THROTTLED, 3)
        seen = await pace.snapshot()
        assert seen.used_last_minute == 2
        assert seen.blocked_until is not None
        assert (seen.blocked_until - time.moment).total_seconds() == 3
        await time.advance(4)
        assert (await pace.snapshot()).blocked_until is None


class TestWithoutDatabase:
    async def test_no_call_goes_out_when_it_is_away(self) -> None:
        async with asyncpg.create_pool("postgresql://nobody@127.0.0.1:1/none", min_size=0) as pool:
            pace = SlotPace(pool, token_name="prod", limit=5)
            error = await refusal(pace, wait=5)
            assert isinstance(error, BudgetUnavailable)
            assert error.retry_after == 1
            with pytest.raises(BudgetUnavailable):
                await pace.snapshot()

    async def test_a_stuck_one_is_not_waited_for(
        self, make: MakePace, owner: asyncpg.Connection
    ) -> None:
        await make().ensure()
        async with owner.transaction():
            await owner.execute("SELECT FROM ops.token FOR UPDATE")
            assert isinstance(await refusal(make(store_timeout=0.01)), BudgetUnavailable)

    async def test_losing_it_does_not_lose_the_answer(
        self, make: MakePace, owner: asyncpg.Connection, time: VirtualTime
    ) -> None:
        pace = make(limit=1)
        (ticket,) = await take(pace, 1)
        await owner.execute("ALTER FUNCTION ops.settle_slot RENAME TO away")
        await ticket.settle(Verdict.OK)
        await time.advance(95)
        await take(pace, 1)


@pytest.mark.parametrize(
    ("seed", "limit", "latency"), [(1, 100, 0.2), (2, 100, 1.0), (3, 40, 0.02)]
)
async def test_greedy_callers_never_exceed_the_limit_and_use_their_share(
    seed: int, limit: int, latency: float, make: MakePace, time: VirtualTime
) -> None:
    """Each actor stands for a process: its own pace, jitter on both ways, nothing but greed."""
    chance, meter, end = random.Random(seed), Meter(), 180.0
    bulk = Meter()

    async def call(pace: SlotPace, lane: Lane, wait: float, *meters: Meter) -> None:
        ticket = await pace.acquire(lane, wait=wait)
        await time.sleep(chance.random() * latency)
        for meter in meters:
            meter.arrive(time.now)
        await time.sleep(chance.random() * latency)
        await ticket.settle(chance.choices([Verdict.OK, Verdict.REFUSED], [9, 1])[0])

    async def greedy(lane: Lane) -> None:
        pace = make(limit, jitter=chance.random)
        while time.now < end:
            await call(pace, lane, FOREVER, meter, bulk)

    async def person() -> None:
        pace = make(limit, jitter=chance.random)
        while time.now < end:
            await call(pace, Lane.INTERACTIVE, 0, meter)
            await time.sleep(8 + 4 * chance.random())

    await time.run(*(greedy(Lane.BULK) for _ in range(4)), greedy(Lane.SWEEP))
    assert meter.busiest(60) <= limit
    assert bulk.between(60, 180) >= 0.9 * (limit - 10) * 2
    end += 100
    await time.run(*(greedy(Lane.BULK) for _ in range(4)), person())
    assert meter.busiest(60) <= limit
