"""Holds."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from uuid import UUID

from db import reservations, tables
from numbering.lifecycle import ReservationItemState, ReservationState
from numbering.pricing import Money
from resolvers.access import readable
from resolvers.context import Context
from resolvers.paging import Page, cursor, cut, fingerprint, moment_key, uuid_key, window

_COSTS_NOTHING = frozenset(
    {ReservationItemState.FAILED, ReservationItemState.RELEASED, ReservationItemState.EXPIRED}
)


async def by_id(ctx: Context, reservation_id: UUID) -> tables.Reservation | None:
    """One reservation; None for an unknown one and for somebody else's."""
    readable(ctx)
    return await ctx.loaders.reservations.load(reservation_id)


async def page(
    ctx: Context,
    states: Sequence[ReservationState] | None,
    *,
    first: int | None,
    after: str | None,
) -> Page[tables.Reservation]:
    """Reservations, the latest first."""
    scope = readable(ctx)
    tag = fingerprint("reservations", states)
    asked = window(tag, first=first, after=after, readers=(moment_key, uuid_key))
    async with ctx.services.database.read(scope) as conn:
        rows = await reservations.page(
            conn, states=states, after=asked.after, limit=asked.limit + 1
        )
    return cut(rows, asked, [cursor(tag, row.created_at, row.id) for row in rows])


async def count(ctx: Context, states: Sequence[ReservationState] | None) -> int:
    """How many reservations `page` goes through."""
    async with ctx.services.database.read(readable(ctx)) as conn:
        return await reservations.count(conn, states=states)


async def items(ctx: Context, reservation: tables.Reservation) -> Sequence[tables.ReservationItem]:
    """Its numbers, in the order they were asked for."""
    return await ctx.loaders.items_of.load(reservation.id)


async def did(ctx: Context, item: tables.ReservationItem) -> tables.Did | None:
    """What became of it once it was bought."""
    return None if item.did_id is None else await ctx.loaders.dids.load(item.did_id)


async def monthly_total(ctx: Context, reservation: tables.Reservation) -> Money:
    """What its numbers cost a month, those that were not had left out."""
    return _total(await items(ctx, reservation), lambda item: item.monthly_cost)


async def setup_total(ctx: Context, reservation: tables.Reservation) -> Money:
    """What its numbers cost once, those that were not had left out."""
    return _total(await items(ctx, reservation), lambda item: item.setup_fee)


def _total(
    rows: Sequence[tables.ReservationItem],
    amount: Callable[[tables.ReservationItem], Decimal],
) -> Money:
    return Money.total(
        Money(amount(row), row.currency) for row in rows if row.state not in _COSTS_NOTHING
    )
