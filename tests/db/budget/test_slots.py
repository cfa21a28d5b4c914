"""Slots: how many there are, and how each comes back."""

import asyncio

import pytest

from db.budget import SlotTicket
from numbering.lanes import Lane
from numbering.pace import BudgetExhausted, Verdict
from tests.kit.paces import MakePace, VirtualTime, refusal, take


async def test_there_are_as_many_as_the_limit(make: MakePace) -> None:
    pace = make(limit=3)
    await take(pace, 3)
    error = await refusal(pace)
    assert isinstance(error, BudgetExhausted)
    # None of the three is settled yet: at best one is, just now.
    assert error.retry_after == 60


async def test_simultaneous_callers_of_two_processes_share_them(make: MakePace) -> None:
    paces = make(), make()
    calls = (paces[i % 2].acquire(Lane.INTERACTIVE) for i in range(50))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(r, SlotTicket) for r in results) == 20
    assert sum(isinstance(r, BudgetExhausted) for r in results) == 30


async def test_a_slot_comes_back_a_window_after_the_answer(
    make: MakePace, clock: VirtualTime
) -> None:
    pace = make(limit=1)
    (ticket,) = await take(pace, 1)
    await clock.advance(2)
    await ticket.settle(Verdict.OK)
    await clock.advance(59)
    assert (await refusal(pace)).retry_after == 1
    await clock.advance(1)
    await take(pace, 1)


async def test_the_slot_of_a_dead_process_frees_itself(make: MakePace, clock: VirtualTime) -> None:
    pace = make(limit=1)
    await take(pace, 1)
    await clock.advance(94)
    assert (await refusal(pace)).retry_after == 1
    await clock.advance(1)
    await take(pace, 1)


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.ABANDONED])
async def test_a_call_without_answer_may_still_arrive_until_its_hold_ends(
    verdict: Verdict, make: MakePace, clock: VirtualTime
) -> None:
    pace = make(limit=1)
    (ticket,) = await take(pace, 1)
    await ticket.settle(verdict)
    await clock.advance(94)
    await refusal(pace)
    await clock.advance(1)
    await take(pace, 1)


async def test_a_late_settlement_leaves_the_next_holder_alone(
    make: MakePace, clock: VirtualTime
) -> None:
    pace = make(limit=1)
    (late,) = await take(pace, 1)
    await clock.advance(95)
    await take(pace, 1)
    await late.settle(Verdict.OK)
    await clock.advance(60)
    assert (await refusal(pace)).retry_after == 35


async def test_only_the_first_settlement_counts(make: MakePace, clock: VirtualTime) -> None:
    pace = make(limit=1)
    (ticket,) = await take(pace, 1)
    await ticket.settle(Verdict.OK)
    await ticket.settle(Verdict.THROTTLED, 300)
    await clock.advance(60)
    await take(pace, 1)
