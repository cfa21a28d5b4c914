"""Finding numbers: the carrier's inventory as customers may search it."""

from collections.abc import Sequence
from dataclasses import dataclass

from numbering.actors import Permission
from numbering.criteria import NumberFeature, SearchCriteria
from numbering.features import features_of
from numbering.refusals import Alternative, NumberUnavailable, Refusal
from numbering.telephone import TelephoneNumber
from resolvers.access import require
from resolvers.context import Context
from resolvers.paging import Page, count_key, cursor, keys_of, limited
from resolvers.rejections import on_top
from teliport.wire import QueryVerdict
from workflows import search, summary
from workflows.search import Available, Found, Position, Suggestion
from workflows.summary import CarrierInventory

DEFAULT_PAGE = 50


@dataclass(frozen=True)
class Search:
    """A search that was carried out, with its page."""

    criteria: SearchCriteria
    found: Found
    page: Page[Available]

    async def total(self) -> int | None:
        """How many the carrier has; it was told with the page."""
        return self.found.total


async def find(
    ctx: Context, criteria: SearchCriteria, *, first: int | None, after: str | None
) -> Search:
    """A page of free numbers; at most one request at the carrier, often none.

    Raises BAD_USER_INPUT for a filter or cursor that makes no sense, RATE_LIMITED or
    SERVICE_UNAVAILABLE when the carrier cannot be asked and nothing recent is known.
    """
    actor = require(ctx, Permission.SEARCH)
    wanted = limited(first, default=DEFAULT_PAGE)
    with on_top("input"):
        criteria.check()
    start = _position(criteria, after)
    with on_top("input"):
        found = await search.find(
            ctx.services, actor, criteria, first=wanted, page=start.page, offset=start.offset
        )
    return Search(criteria, found, _page(criteria, found, has_previous=after is not None))


def _position(criteria: SearchCriteria, after: str | None) -> Position:
    if after is None:
        return Position(0, 0)
    page, offset = keys_of(criteria.fingerprint(), after, "after", (count_key, count_key))
    return Position(page, offset)


def _page(criteria: SearchCriteria, found: Found, *, has_previous: bool) -> Page[Available]:
    tag = criteria.fingerprint()
    return Page(
        rows=found.numbers,
        cursors=[cursor(tag, each.after.page, each.after.offset) for each in found.numbers],
        has_next=found.next is not None,
        has_previous=has_previous,
        # Filters of ours may leave a page empty although more follow: read on where it ended.
        resume=None if found.next is None else cursor(tag, *found.next),
    )


async def suggestions(ctx: Context, done: Search) -> Sequence[Suggestion]:
    """Where there are numbers nearby; only looked for when nothing was found."""
    actor = require(ctx, Permission.SEARCH)
    if done.found.numbers:
        return ()
    return await search.suggestions(ctx.services, actor, done.criteria)


def alternatives(ctx: Context, refusal: Refusal) -> Sequence[Available]:
    """The numbers that a refusal offers instead, priced today."""
    if not isinstance(refusal, NumberUnavailable):
        return ()
    return [_available(ctx, each) for each in refusal.alternatives]


def _available(ctx: Context, offered: Alternative) -> Available:
    number = TelephoneNumber(offered.number)
    features = features_of(number.type, offered.place.state)
    return Available(
        number=number,
        type=number.type,
        place=offered.place,
        features=tuple(feature for feature in NumberFeature if feature in features),
        quote=ctx.services.prices.quote(number.type, number.npa, offered.place.state),
        after=Position(0, 0),  # an offer stands in no list
    )


async def totals(ctx: Context) -> CarrierInventory | None:
    """The carrier's counts, at most 30 s old; None while it is away and nothing is known."""
    require(ctx, Permission.SEARCH)
    return await summary.carrier_inventory(ctx.services)


async def verdict(ctx: Context, query: str) -> QueryVerdict:
    """What the carrier thinks of a raw query; for staff. Costs one request at the carrier."""
    require(ctx, Permission.STAFF)
    with on_top("query"):
        return await search.validate(ctx.services, query)
