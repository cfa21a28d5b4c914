"""The breaker that all processes share."""

import pytest

from numbering.lifecycle import BreakerState
from numbering.pace import BreakerOpen, BudgetExhausted, Verdict
from tests.kit.paces import FOREVER, MakePace, VirtualTime, fail, refusal, take


async def test_it_opens_after_six_failures_in_a_row(make: MakePace) -> None:
    pace, other = make(), make()
    await fail(pace, 5)
    await take(pace, 1)
    await fail(pace, 1)
    error = await refusal(other, wait=FOREVER)
    assert isinstance(error, BreakerOpen)
    assert error.retry_after == 30


@pytest.mark.parametrize("alive", [Verdict.OK, Verdict.REFUSED, Verdict.UNAUTHORIZED])
async def test_an_answer_ends_the_row(alive: Verdict, make: MakePace) -> None:
    pace = make()
    await fail(pace, 5)
    (ticket,) = await take(pace, 1)
    await ticket.settle(alive)
    await fail(pace, 5)
    await take(pace, 1)


@pytest.mark.parametrize("silent", [Verdict.ABANDONED, Verdict.THROTTLED])
async def test_what_says_nothing_does_not_end_it(
    silent: Verdict, make: MakePace, clock: VirtualTime
) -> None:
    pace = make()
    await fail(pace, 5)
    (ticket,) = await take(pace, 1)
    await ticket.settle(silent, 1 if silent is Verdict.THROTTLED else None)
    await clock.advance(1)
    await fail(pace, 1)
    assert isinstance(await refusal(pace), BreakerOpen)


async def test_it_opens_when_most_of_the_last_twenty_failed(make: MakePace) -> None:
    pace = make(limit=100)
    for verdict in [Verdict.OK, Verdict.FAILED] * 9 + [Verdict.FAILED]:
        (ticket,) = await take(pace, 1)
        await ticket.settle(verdict)
    await fail(pace, 1)
    assert isinstance(await refusal(pace), BreakerOpen)


async def test_half_is_not_most(make: MakePace) -> None:
    pace = make(limit=100)
    for verdict in [Verdict.OK, Verdict.FAILED] * 15:
        (ticket,) = await take(pace, 1)
        await ticket.settle(verdict)
    await take(pace, 1)


async def test_half_open_lets_one_probe_through(make: MakePace, clock: VirtualTime) -> None:
    pace = make()
    await fail(pace, 6)
    await clock.advance(30)
    assert (await pace.snapshot()).breaker is BreakerState.HALF_OPEN
    (probe,) = await take(pace, 1)
    error = await refusal(pace)
    assert isinstance(error, BreakerOpen)
    assert error.retry_after == 35
    await probe.settle(Verdict.OK)
    assert (await pace.snapshot()).breaker is BreakerState.CLOSED


async def test_a_closed_breaker_forgets_the_past(make: MakePace, clock: VirtualTime) -> None:
    pace = make(limit=100)
    await fail(pace, 6)
    await clock.advance(30)
    # With the six before, eleven of the last twenty would have failed.
    for verdict in [Verdict.OK] * 10 + [Verdict.FAILED] * 5:
        (ticket,) = await take(pace, 1)
        await ticket.settle(verdict)
    await take(pace, 1)


async def test_a_failed_probe_opens_it_again(make: MakePace, clock: VirtualTime) -> None:
    pace = make()
    await fail(pace, 6)
    await clock.advance(30)
    await fail(pace, 1)
    assert (await refusal(pace)).retry_after == 30


async def test_a_throttled_probe_closes_it(make: MakePace, clock: VirtualTime) -> None:
    pace = make()
    await fail(pace, 6)
    await clock.advance(30)
    (probe,) = await take(pace, 1)
    await probe.settle(Verdict.THROTTLED, 5)
    assert isinstance(await refusal(pace), BudgetExhausted)


async def test_an_abandoned_probe_makes_way_for_the_next(
    make: MakePace, clock: VirtualTime
) -> None:
    pace = make()
    await fail(pace, 6)
    await clock.advance(30)
    (probe,) = await take(pace, 1)
    await probe.settle(Verdict.ABANDONED)
    await take(pace, 1)
    assert isinstance(await refusal(pace), BreakerOpen)


async def test_a_lost_probe_makes_way_when_its_hold_ends(
    make: MakePace, clock: VirtualTime
) -> None:
    pace = make()
    await fail(pace, 6)
    await clock.advance(30)
    await take(pace, 1)
    await clock.advance(35)
    await take(pace, 1)


async def test_answers_of_older_calls_decide_nothing(make: MakePace, clock: VirtualTime) -> None:
    pace = make()
    older = await take(pace, 4)
    await fail(pace, 6)
    await older[0].settle(Verdict.OK)
    assert isinstance(await refusal(pace), BreakerOpen)
    await clock.advance(30)
    await take(pace, 1)
    await older[1].settle(Verdict.OK)
    await older[2].settle(Verdict.FAILED)
    await older[3].settle(Verdict.ABANDONED)
    error = await refusal(pace)
    assert isinstance(error, BreakerOpen)
    assert error.retry_after == 35
