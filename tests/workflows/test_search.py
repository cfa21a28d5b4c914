"""Search: cache, single flight, stale pages, our own holds left out, runs, cursors, suggestions."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from numbering.criteria import InvalidCriteria, NumberFeature, SearchCriteria
from numbering.lanes import Lane
from numbering.pace import BudgetExhausted
from numbering.refusals import CarrierUnavailable, RateLimited
from teliport.client import Teliport
from tests.kit.sandbox import Sandbox
from tests.workflows.rig import ALICE, BOB, Rig
from workflows import search, summary
from workflows.page_cache import PageCache
from workflows.search import Found, Position
from workflows.summary import SummaryCache
from workflows.wiring import Services

DENVER = SearchCriteria(npas=("303",))


class Clock:
    """Monotonic time that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class NoSlots:
    """A budget that is spent."""

    async def acquire(self, lane: Lane, *, wait: float) -> None:
        raise BudgetExhausted("spent", retry_after=12.5)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(rig: Rig, clock: Clock) -> Services:
    return replace(rig.services, pages=PageCache(clock), summaries=SummaryCache(clock))


def queries(sandbox: Sandbox) -> int:
    return sum(call["path"].endswith("/query") for call in sandbox.calls())


async def every(services: Services, criteria: SearchCriteria, first: int) -> list[Found]:
    pages, at = [], Position(0, 0)
    while True:
        found = await search.find(
            services, ALICE, criteria, first=first, page=at.page, offset=at.offset
        )
        pages.append(found)
        if found.next is None:
            return pages
        at = found.next


async def test_a_page_with_prices_and_features(rig: Rig, services: Services) -> None:
    found = await search.find(services, ALICE, DENVER, first=50)
    assert len(found.numbers) == 50
    assert found.total is not None
    assert found.total >= 50
    assert (found.stale, found.next) == (False, Position(0, 50))
    assert found.query.startswith('(status = "available")')
    first = found.numbers[0]
    assert (first.number.npa, first.place.state) == ("303", "CO")
    assert first.features == tuple(NumberFeature)
    assert first.quote == services.prices.quote(first.type, "303", "CO")
    assert first.after == Position(0, 1)
    assert queries(rig.sandbox) == 1


async def test_pages_follow_each_other_without_gaps(services: Services) -> None:
    pages = await every(services, replace(DENVER, ends_with="7"), 30)
    numbers = [each.number for found in pages for each in found.numbers]
    assert len(numbers) == len(set(numbers)) == pages[0].total


async def test_equal_searches_share_one_call(rig: Rig, services: Services) -> None:
    found = await asyncio.gather(
        *(search.find(services, ALICE, DENVER, first=10) for _ in range(100))
    )
    assert queries(rig.sandbox) == 1
    assert len({each.numbers for each in found}) == 1


async def test_a_caller_that_leaves_does_not_end_the_call(rig: Rig, services: Services) -> None:
    leaving = asyncio.create_task(services.pages.page(services.teliport, DENVER.query(), 0))
    staying = asyncio.create_task(services.pages.page(services.teliport, DENVER.query(), 0))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).page.total > 0
    assert queries(rig.sandbox) == 1


async def test_a_flight_that_all_have_left_lands_quietly(rig: Rig, services: Services) -> None:
    await rig.sandbox.fault("500")
    leaving = asyncio.create_task(services.pages.page(services.teliport, DENVER.query(), 0))
    await asyncio.sleep(0)
    (flight,) = services.pages._flights.values()
    leaving.cancel()
    await asyncio.wait([flight])
    await asyncio.sleep(0)
    assert services.pages._flights == {}
    gone = asyncio.create_task(services.pages.page(services.teliport, DENVER.query(), 0))
    await asyncio.sleep(0)
    (flight,) = services.pages._flights.values()
    flight.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_fresh_page_costs_nothing_and_an_old_one_a_call(
    rig: Rig, services: Services, clock: Clock
) -> None:
    await search.find(services, ALICE, DENVER, first=10)
    clock.at = 30.0
    await search.find(services, BOB, DENVER, first=10)
    assert queries(rig.sandbox) == 1
    clock.at = 30.1
    await search.find(services, ALICE, DENVER, first=10)
    assert queries(rig.sandbox) == 2


@pytest.mark.parametrize("action", ["refuse", "500", "malformed_json", "html", "reset_after"])
async def test_stale_pages_while_the_carrier_is_away(
    rig: Rig, services: Services, clock: Clock, action: str
) -> None:
    fresh = await search.find(services, ALICE, DENVER, first=10)
    await rig.sandbox.fault(action)
    clock.at = 600.0
    stale = await search.find(services, ALICE, DENVER, first=10)
    assert (stale.stale, stale.as_of) == (True, fresh.as_of)
    assert stale.numbers == fresh.numbers
    clock.at = 600.1
    with pytest.raises(CarrierUnavailable):
        await search.find(services, ALICE, DENVER, first=10)


@pytest.mark.parametrize("action", ["refuse", "500", "502", "reset_before", "reset_after"])
async def test_one_more_try_for_a_passing_fault(rig: Rig, services: Services, action: str) -> None:
    await rig.sandbox.fault(action, times=1)
    assert (await search.find(services, ALICE, DENVER, first=10)).numbers


async def test_a_slow_carrier_is_given_up_on(rig: Rig, services: Services) -> None:
    await rig.sandbox.fault("slow", seconds=35)
    hasty = replace(services, pages=PageCache(patience=0.01))
    with pytest.raises(CarrierUnavailable):
        await search.find(hasty, ALICE, DENVER, first=10)


async def test_a_spent_budget_says_when_and_shows_nothing_old(
    services: Services, clock: Clock
) -> None:
    await search.find(services, ALICE, DENVER, first=10)
    clock.at = 31.0
    broke = Teliport(
        "http://127.0.0.1:1",
        "rng_x",
        "567G",
        pace=NoSlots(),  # type: ignore[arg-type]
        guard=lambda: None,
    )
    poor = replace(services, teliport=broke)
    with pytest.raises(RateLimited) as refused:
        await search.find(poor, ALICE, DENVER, first=10)
    assert refused.value.retry_after == 13
    assert await search.suggestions(poor, ALICE, SearchCriteria(npas=("305",))) == ()
    await broke.close()


async def test_what_is_held_or_owned_here_is_left_out(rig: Rig, services: Services) -> None:
    before = await search.find(services, ALICE, DENVER, first=3)
    held, owned, free = (each.number for each in before.numbers)
    await rig.held(held, actor=BOB)
    await rig.owned(owned)
    after = await search.find(services, ALICE, DENVER, first=3)
    assert queries(rig.sandbox) == 1
    assert after.numbers[0].number == free


async def test_runs_of_consecutive_numbers(services: Services) -> None:
    criteria = replace(DENVER, consecutive=3)
    found = await search.find(services, ALICE, criteria, first=20)
    assert found.total is None
    numbers = {int(each.number[1:]) for each in found.numbers}
    assert numbers
    for number in numbers:
        around = [{number + k + j for k in range(3)} for j in (-2, -1, 0)]
        assert any(run <= numbers for run in around) or number == max(numbers)
    # A run that began before the cursor is still one behind it.
    second = found.numbers[0].after
    rest = await search.find(
        services, ALICE, criteria, first=20, page=second.page, offset=second.offset
    )
    assert rest.numbers[0].number == found.numbers[1].number


async def test_features_are_filtered_by_us(services: Services) -> None:
    alaska = SearchCriteria(state="AK", features=(NumberFeature.MMS,))
    found = await search.find(services, ALICE, alaska, first=10)
    assert found.numbers == ()
    assert found.total is None
    with pytest.raises(InvalidCriteria):
        await search.find(services, ALICE, SearchCriteria(npas=("911",)), first=10)


async def test_a_later_page_that_cannot_be_had_ends_the_page_early(
    rig: Rig, services: Services
) -> None:
    await rig.sandbox.fault("500", path="*/query", nth=2, times=5)
    found = await search.find(services, ALICE, DENVER, first=150)
    assert 0 < len(found.numbers) <= 100
    assert found.next == Position(1, 0)


async def test_suggestions_for_a_place_without_numbers(rig: Rig, services: Services) -> None:
    calls = queries(rig.sandbox)
    found = await search.suggestions(services, ALICE, SearchCriteria(npas=("720",)))
    assert found
    assert queries(rig.sandbox) - calls <= 2
    assert all(each.available > 0 for each in found)
    again = await search.suggestions(services, BOB, SearchCriteria(npas=("720",)))
    assert again == found
    assert queries(rig.sandbox) - calls <= 2
    nothing = await search.suggestions(
        services, ALICE, SearchCriteria(npas=("720",), ends_with="0000000")
    )
    assert nothing == ()


async def test_the_cache_forgets_the_oldest_pages(services: Services) -> None:
    small = PageCache(capacity=2)
    for npa in ("303", "305", "212"):
        await small.page(services.teliport, SearchCriteria(npas=(npa,)).query(), 0)
    assert len(small._shelf) == 2


async def test_alternatives_are_of_fresh_pages_only(services: Services, clock: Clock) -> None:
    await search.find(services, ALICE, DENVER, first=10)
    assert list(services.pages.records("303"))
    clock.at = 31.0
    assert list(services.pages.records("303")) == []


async def test_queries_of_staff_are_checked_by_the_carrier(rig: Rig, services: Services) -> None:
    assert (await search.validate(services, "status = available")).valid
    verdict = await search.validate(services, "status = ")
    assert not verdict.valid
    assert verdict.position is not None
    await rig.sandbox.fault("500")
    with pytest.raises(CarrierUnavailable):
        await search.validate(services, "status = available")


async def test_counts_are_cached(rig: Rig, services: Services, clock: Clock) -> None:
    first = await summary.carrier_inventory(services)
    assert first is not None
    assert first.total >= 100_000
    assert (await summary.carrier_inventory(services)) is first
    clock.at = 31.0
    assert (await summary.carrier_inventory(services)) is not first
    await rig.sandbox.fault("500")
    clock.at = 3600.0
    kept = await summary.carrier_inventory(services)
    assert kept is not None
    services.summaries.known = None
    assert await summary.carrier_inventory(services) is None
