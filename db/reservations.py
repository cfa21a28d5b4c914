"""Carts and their holds. A partial unique index decides who holds a number (decisions 7).

A hold that ran out reads as EXPIRED from that moment on, whether or not the job that writes it down
has come by. Whoever moves items calls `recompute` for their carts in the same transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import events, keyset, tenancy
from db.rows import Key, by_key, constants, grouped, row_as, rows_as, table_of, values_of
from db.tables import Reservation, ReservationItem
from db.tenancy import Reader
from numbering.lifecycle import (
    LIVE_ITEM_STATES,
    ReservationItemState,
    ReservationState,
    reservation_state,
)

_R = table_of(Reservation).c
_I = table_of(ReservationItem).c
_KEYS = bindparam("keys", type_=ARRAY(Uuid))
_RUN_OUT = and_(
    _I.state.in_(constants([ReservationItemState.HELD])), _I.expires_at <= func.ops.now()
)
_STATE = case(
    (_RUN_OUT, literal(ReservationItemState.EXPIRED, _I.state.type)), else_=_I.state
).label("state")
_ITEMS = select(*(_STATE if column.name == "state" else column for column in _I))
_ITEMS_OF = _ITEMS.where(_I.reservation_id == any_(_KEYS)).order_by(_I.position)
_ITEMS_BY_ID = _ITEMS.where(_I.id == any_(_KEYS))
# Only a cart that has something held can have run out since it was written; see `_by_clock`.
_LATE = and_(_R.state == ReservationState.HELD, _R.expires_at <= func.ops.now()).label("late")
_CARTS = select(*_R, _LATE)
_CARTS_BY_ID = _CARTS.where(_R.id == any_(_KEYS))


async def _by_clock(reader: Reader, statement: Select[Any], **values: Any) -> Sequence[Reservation]:
    """Carts as the clock has them: the late ones are summed up anew from their items."""
    found = (await reader.execute(statement, values)).all()
    late = [row.id for row in found if row.late]
    items = await items_of(reader, late) if late else {}

    def cart(row: Any) -> Reservation:
        fields = {column.name: getattr(row, column.name) for column in _R}
        if row.id in items:
            fields["state"] = reservation_state(item.state for item in items[row.id])
        return Reservation(**fields)

    return [cart(row) for row in found]


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, Reservation]:
    """Carts by id."""
    return {cart.id: cart for cart in await _by_clock(reader, _CARTS_BY_ID, keys=list(ids))}


def _matching(
    reader: Reader,
    statement: Select[Any],
    states: Collection[ReservationState] | None,
    customer_id: UUID | None,
) -> Select[Any]:
    statement = tenancy.narrow(reader, statement, _R.customer_id)
    if customer_id is not None:
        statement = statement.where(_R.customer_id == customer_id)
    return statement if states is None else statement.where(_R.state.in_(sorted(states)))


async def page(
    reader: Reader,
    *,
    states: Collection[ReservationState] | None = None,
    customer_id: UUID | None = None,
    after: Key | None = None,
    limit: int = 20,
) -> Sequence[Reservation]:
    """Carts, the newest first; the key of a row is (created_at, id). States as last written."""
    statement = keyset.window(
        _matching(reader, _CARTS, states, customer_id),
        (_R.created_at, _R.id),
        after=after,
        limit=limit,
        descending=True,
    )
    return await _by_clock(reader, statement)


async def count(
    reader: Reader,
    *,
    states: Collection[ReservationState] | None = None,
    customer_id: UUID | None = None,
) -> int:
    """How many carts `page` has."""
    every = select(func.count()).select_from(table_of(Reservation))
    statement = _matching(reader, every, states, customer_id)
    return int((await reader.execute(statement)).scalar_one())


async def items_of(
    reader: Reader, reservation_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[ReservationItem]]:
    """The items of each cart, by position."""
    return await grouped(reader, ReservationItem, _ITEMS_OF, reservation_ids, "reservation_id")


async def items_by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, ReservationItem]:
    """Items by id."""
    return await by_key(reader, ReservationItem, _ITEMS_BY_ID, ids)


async def live_holders(reader: Reader, numbers: Collection[str]) -> Mapping[str, bool]:
    """Which numbers somebody holds; True for the customer's own. Sees over all customers."""
    held = func.voice.live_holders(list(numbers)).table_valued("number", "mine")
    return {row.number: row.mine for row in await reader.execute(select(held))}


async def insert(
    session: AsyncSession, reservation: Reservation, items: Sequence[ReservationItem]
) -> Sequence[ReservationItem]:
    """Insert a cart and those of its items that won their number; returns these.

    An item that is not live (FAILED from the start) always wins. The losers were not written.
    """
    await session.execute(pg_insert(table_of(Reservation)).values(values_of(reservation)))
    return await insert_items(session, items)


async def insert_items(
    session: AsyncSession, items: Sequence[ReservationItem]
) -> Sequence[ReservationItem]:
    """Insert items; returns those that won. Waits for transactions that race for a number."""
    if not items:
        return []
    # In the order of numbers, so that two carts that want the same ones queue instead of deadlock.
    rows = [values_of(item) for item in sorted(items, key=lambda item: item.number)]
    statement = pg_insert(table_of(ReservationItem)).values(rows).on_conflict_do_nothing()
    return rows_as(ReservationItem, await session.execute(statement.returning(*_I)))


async def settle_item(
    session: AsyncSession,
    item_id: UUID,
    sources: Collection[ReservationItemState],
    target: ReservationItemState,
    *,
    unexpired: bool = False,
    **changes: Any,
) -> ReservationItem | None:
    """Move an item out of one of `sources`; None when it is not in one of them any more.

    `unexpired` refuses a hold whose time is up as well. `changes` are other columns of the item.
    """
    statement = update(table_of(ReservationItem)).where(
        _I.id == item_id, _I.state.in_(sorted(sources))
    )
    if unexpired:
        statement = statement.where(_I.expires_at > func.ops.now())
    moved = statement.values(state=target, updated_at=func.ops.now(), **changes).returning(*_I)
    return row_as(ReservationItem, await session.execute(moved))


async def expire_due(
    session: AsyncSession, *, numbers: Collection[str] | None = None, limit: int = 500
) -> Sequence[ReservationItem]:
    """Write down that holds ran out, those of `numbers` or any; no call upstream (decisions 6).

    Holds that somebody else is moving at this moment are left to them.
    """
    due = select(_I.id).where(_RUN_OUT)
    if numbers is not None:
        due = due.where(_I.number.in_(sorted(numbers)))
    due = due.order_by(_I.expires_at).limit(limit).with_for_update(skip_locked=True)
    statement = (
        update(table_of(ReservationItem))
        .where(_I.id.in_(due.scalar_subquery()))
        .values(state=ReservationItemState.EXPIRED, updated_at=func.ops.now())
        .returning(*_I)
    )
    return rows_as(ReservationItem, await session.execute(statement))


async def recompute(session: AsyncSession, reservation_id: UUID) -> Reservation | None:
    """Sum a cart up from its items and write the next event of its stream.

    The cart is locked first, so that two workers that settle two of its items take turns and the
    second sees what the first did. None for an unknown cart.
    """
    locked = select(*_R).where(_R.id == reservation_id).with_for_update()
    cart = row_as(Reservation, await session.execute(locked))
    if cart is None:
        return None
    items = (await items_of(session, [reservation_id])).get(reservation_id, ())
    state = reservation_state(item.state for item in items)
    live = [item for item in items if item.state in LIVE_ITEM_STATES]
    expires_at = min((item.expires_at for item in live if item.expires_at), default=None)
    payload = {"state": state.value, "items": {item.number: item.state.value for item in items}}
    stream = events.of_reservation(reservation_id)
    sequence = await events.append(session, stream, state.value, payload, cart.customer_id)
    statement = (
        update(table_of(Reservation))
        .where(_R.id == reservation_id)
        .values(
            state=state,
            expires_at=expires_at,
            sequence=sequence,
            closed_at=None if live else func.coalesce(_R.closed_at, func.ops.now()),
        )
        .returning(*_R)
    )
    return row_as(Reservation, await session.execute(statement))
