"""Finding free numbers: cached pages of the carrier, filtered by what it cannot be asked.

Held numbers of ours drop out although a cached page still has them; features come from the rule
table and runs of consecutive numbers from the pages at hand (decisions 4 and 5).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from db import dids, reservations
from numbering import consecutive
from numbering import suggestions as nearby
from numbering.actors import Actor
from numbering.criteria import NumberFeature, SearchCriteria
from numbering.features import features_of
from numbering.place import Place
from numbering.pricing import Quote
from numbering.telephone import NumberType, TelephoneNumber
from teliport import errors
from teliport.wire import CarrierRecord, QueryVerdict
from workflows import carrier
from workflows.page_cache import Shelved

if TYPE_CHECKING:
    from workflows.wiring import Services

MOST_PAGES = 3  # upstream pages for one page of ours: filters of our own may leave little of each
MOST_SUGGESTIONS = 2  # each costs a call


class Position(NamedTuple):
    """Where a number stands: the carrier's page (from 0) and its place on it."""

    page: int
    offset: int


@dataclass(frozen=True, slots=True)
class Available:
    """A free number with its price; `after` is where the next one starts."""

    number: TelephoneNumber
    type: NumberType
    place: Place
    features: tuple[NumberFeature, ...]
    quote: Quote
    after: Position


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search; `total` is None where only fetched pages can be counted."""

    numbers: tuple[Available, ...]
    total: int | None
    as_of: datetime
    stale: bool
    query: str
    next: Position | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another place that has numbers, and how many."""

    label: str
    available: int
    npa: str | None
    state: str | None
    rate_center: str | None


@dataclass(frozen=True, slots=True)
class _Placed:
    record: CarrierRecord
    at: Position


async def find(
    services: Services,
    actor: Actor,
    criteria: SearchCriteria,
    *,
    first: int,
    page: int = 0,
    offset: int = 0,
) -> Found:
    """Up to `first` free numbers from a position on; at most MOST_PAGES calls, usually none or one.

    Raises Refusal: InvalidCriteria, RateLimited, CarrierUnavailable.
    """
    criteria.check()
    shelves: list[Shelved] = []
    fitting: list[_Placed] = []
    try:
        async for shelved in _pages(services, criteria.query(), page):
            shelves.append(shelved)
            fitting = await _fitting(services, actor, criteria, shelves, Position(page, offset))
            if len(fitting) >= first:
                break
    except errors.TeliportError as error:
        if not shelves:
            raise carrier.refusal(error) from error
    return _found(services, criteria, shelves, fitting, first)


async def _pages(services: Services, query: str, page: int) -> AsyncIterator[Shelved]:
    for number in range(page, page + MOST_PAGES):
        shelved = await services.pages.page(services.teliport, query, number)
        yield shelved
        if number + 1 >= shelved.page.pages:
            return


async def _fitting(
    services: Services,
    actor: Actor,
    criteria: SearchCriteria,
    shelves: Collection[Shelved],
    start: Position,
) -> list[_Placed]:
    placed = [
        _Placed(record, Position(shelved.page.page, place))
        for shelved in shelves
        for place, record in enumerate(shelved.page.records)
    ]
    placed = [each for each in placed if _offers(criteria, each.record)]
    taken = await _taken(services, actor, [each.record.number for each in placed])
    placed = [each for each in placed if each.record.number not in taken]
    if criteria.consecutive is not None:
        numbers = (each.record.number for each in placed)
        in_runs = {n for run in consecutive.runs(numbers, criteria.consecutive) for n in run}
        placed = [each for each in placed if each.record.number in in_runs]
    # Last, so that a run which began before the cursor is still seen as one.
    return [each for each in placed if each.at >= start]


def _offers(criteria: SearchCriteria, record: CarrierRecord) -> bool:
    return features_of(record.number.type, record.state).issuperset(criteria.features)


async def _taken(
    services: Services, actor: Actor, numbers: Collection[TelephoneNumber]
) -> set[str]:
    """Those that are held or owned on this platform, by whomever: a cached page may be older."""
    if not numbers:
        return set()
    async with services.database.read(actor.scope) as reader:
        held = await reservations.live_holders(reader, numbers)
        return {*held, *await dids.live_numbers(reader, numbers)}


def _found(
    services: Services,
    criteria: SearchCriteria,
    shelves: list[Shelved],
    fitting: list[_Placed],
    first: int,
) -> Found:
    shown = fitting[:first]
    last = shelves[-1].page
    rest: Position | None = None
    if len(fitting) > first:
        rest = fitting[first].at
    elif last.page + 1 < last.pages:
        rest = Position(last.page + 1, 0)
    counted = not criteria.features and criteria.consecutive is None
    return Found(
        numbers=tuple(_available(services, each) for each in shown),
        total=last.total if counted else None,
        as_of=min(shelved.as_of for shelved in shelves),
        stale=any(shelved.stale for shelved in shelves),
        query=criteria.query(),
        next=rest,
    )


def _available(services: Services, placed: _Placed) -> Available:
    number, place = placed.record.number, placed.record.place
    offered = features_of(number.type, place.state)
    return Available(
        number=number,
        type=number.type,
        place=place,
        features=tuple(feature for feature in NumberFeature if feature in offered),
        quote=services.prices.quote(number.type, number.npa, place.state),
        after=Position(placed.at.page, placed.at.offset + 1),
    )


async def suggestions(
    services: Services, actor: Actor, criteria: SearchCriteria
) -> tuple[Suggestion, ...]:
    """Where numbers are left nearby: at most MOST_SUGGESTIONS calls, none while there is no budget.

    The pages go to the cache, so that taking a suggestion costs nothing.
    """
    del actor  # the carrier's counts are the same for everybody
    found = []
    for candidate in nearby.candidates(criteria, MOST_SUGGESTIONS):
        try:
            shelved = await services.pages.page(services.teliport, candidate.criteria.query(), 0)
        except errors.TeliportError:
            break
        if shelved.page.total:
            found.append(
                Suggestion(
                    label=candidate.label,
                    available=shelved.page.total,
                    npa=candidate.npa,
                    state=candidate.state,
                    rate_center=candidate.rate_center,
                )
            )
    return tuple(found)


async def validate(services: Services, query: str) -> QueryVerdict:
    """Staff: the carrier's verdict on a query text. Raises Refusal when it cannot be asked."""
    try:
        return await services.teliport.inventory.validate(query)
    except errors.TeliportError as error:
        raise carrier.refusal(error) from error
