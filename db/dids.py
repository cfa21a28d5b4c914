"""The numbers we hold: pages by key, lookups, and the few changes of state."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import keyset, tenancy
from db.rows import Key, by_key, constants, grouped, keyed, row_as, rows_as, table_of, values_of
from db.tables import Did, Operation
from db.tenancy import Reader
from numbering.lifecycle import (
    LIVE_DID_STATUSES,
    TERMINAL_OPERATION_STATES,
    DidOrder,
    DidStatus,
)
from numbering.telephone import NumberType

_C = table_of(Did).c
_ALL = select(*(column for column in _C if not column.computed))
_LIVE = _C.status.in_(constants(LIVE_DID_STATUSES))
_BY_ID = keyed(Did)
_BY_OPERATION = keyed(Did, "assign_operation_id")
_LOCKED_BY_ID = keyed(Did).order_by(_C.id).with_for_update()
_LIVE_BY_NUMBER = keyed(Did, "number").where(_LIVE)
# The live row if there is one, else the one that was given back last.
_BY_NUMBER = keyed(Did, "number").order_by(
    (_C.status == DidStatus.DISCONNECTED).asc(), _C.acquired_at.desc()
)
_UNSYNCED = _C.meta_version != _C.pushed_version
_ORDERS: Mapping[DidOrder, tuple[tuple[ColumnElement[Any], ...], bool]] = {
    DidOrder.NUMBER_ASC: ((_C.number, _C.id), False),
    DidOrder.NUMBER_DESC: ((_C.number, _C.id), True),
    DidOrder.ACQUIRED_AT_ASC: ((_C.acquired_at, _C.id), False),
    DidOrder.ACQUIRED_AT_DESC: ((_C.acquired_at, _C.id), True),
}


@dataclass(frozen=True, slots=True)
class DidFilter:
    """Which dids; everything that is given has to hold. Parts of numbers are digits."""

    statuses: tuple[DidStatus, ...] | None = None
    number_type: NumberType | None = None
    number_starts_with: str | None = None  # national ("303…") or international ("+1303…")
    number_ends_with: str | None = None
    contains: str | None = None
    customer_id: UUID | None = None
    trunk_id: UUID | None = None
    ported: bool | None = None
    sms_enabled: bool | None = None
    in_sync: bool | None = None
    acquired_after: datetime | None = None
    acquired_before: datetime | None = None
    friendly_name: str | None = None


def _begins(column: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    """A prefix as a range (collation C): LIKE is not leakproof, so RLS keeps it off an index."""
    return column.between(prefix, prefix + "\x7f")


def _conditions(where: DidFilter) -> list[ColumnElement[bool]]:
    chosen: list[tuple[Any, Any]] = [
        (where.statuses, _C.status.in_),
        (where.number_type, lambda v: _C.number_type == v),
        (
            where.number_starts_with,
            lambda v: _begins(_C.number, v if v.startswith("+") else f"+1{v}"),
        ),
        (where.number_ends_with, lambda v: _begins(_C.number_reversed, v[::-1])),
        (where.contains, lambda v: _C.number.contains(v, autoescape=True)),
        (where.customer_id, lambda v: _C.customer_id == v),
        (where.trunk_id, lambda v: _C.trunk_id == v),
        (where.ported, _C.ported.is_),
        (where.sms_enabled, _C.sms_enabled.is_),
        (where.in_sync, lambda v: _C.meta_version == _C.pushed_version if v else _UNSYNCED),
        (where.acquired_after, lambda v: _C.acquired_at > v),
        (where.acquired_before, lambda v: _C.acquired_at < v),
        (where.friendly_name, lambda v: _C.friendly_name.icontains(v, autoescape=True)),
    ]
    return [condition(value) for value, condition in chosen if value is not None]


def _selected(reader: Reader, statement: Select[Any], where: DidFilter) -> Select[Any]:
    return tenancy.narrow(reader, statement, _C.customer_id).where(*_conditions(where))


def key_of(did: Did, order: DidOrder) -> Key:
    """The place of a row in a list of that order, for `after` and `before`."""
    columns, _ = _ORDERS[order]
    return getattr(did, str(columns[0].key)), did.id


async def page(
    reader: Reader,
    where: DidFilter,
    order: DidOrder = DidOrder.NUMBER_ASC,
    *,
    after: Key | None = None,
    before: Key | None = None,
    limit: int = 20,
    backward: bool = False,
) -> Sequence[Did]:
    """Up to `limit` dids strictly between two keys: the first, or with `backward` the last."""
    columns, descending = _ORDERS[order]
    statement = keyset.window(
        _selected(reader, _ALL, where),
        columns,
        after=after,
        before=before,
        limit=limit,
        descending=descending,
        backward=backward,
    )
    found = rows_as(Did, await reader.execute(statement))
    return keyset.straight(found, backward=backward)


async def count(reader: Reader, where: DidFilter) -> int:
    """How many dids `page` has."""
    statement = _selected(reader, select(func.count()).select_from(table_of(Did)), where)
    return int((await reader.execute(statement)).scalar_one())


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, Did]:
    """Dids by id."""
    return await by_key(reader, Did, _BY_ID, ids)


async def locked(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Did]:
    """Dids by id, kept as they are until the transaction ends.

    They are locked in one order, so that two requests for the same ones queue.
    """
    return await by_key(session, Did, _LOCKED_BY_ID, ids)


async def by_numbers(reader: Reader, numbers: Collection[str]) -> Mapping[str, Did]:
    """The live dids among these numbers."""
    return await by_key(reader, Did, _LIVE_BY_NUMBER, numbers, "number")


async def by_number(reader: Reader, number: str) -> Did | None:
    """The live did of a number, else the one that was given back last."""
    found = await grouped(reader, Did, _BY_NUMBER, [number], "number")
    return next(iter(found.get(number, ())), None)


async def of_operations(reader: Reader, operation_ids: Collection[UUID]) -> Mapping[UUID, Did]:
    """Dids by the operation that assigned them."""
    return await by_key(reader, Did, _BY_OPERATION, operation_ids, "assign_operation_id")


async def live_numbers(reader: Reader, numbers: Collection[str]) -> Mapping[str, bool]:
    """Which numbers are somebody's did; True for the customer's own. Sees over all customers."""
    found = await reader.execute(
        select(func.voice.live_numbers(list(numbers)).table_valued("number", "mine"))
    )
    return {row.number: row.mine for row in found}


async def insert(session: AsyncSession, did: Did) -> Did | None:
    """Insert a did; None when the number has a live one already, whoever's."""
    statement = pg_insert(table_of(Did)).values(values_of(did)).on_conflict_do_nothing()
    return row_as(Did, await session.execute(statement.returning(*_C)))


async def _change(
    session: AsyncSession, did_id: UUID, sources: Collection[DidStatus], **values: Any
) -> Did | None:
    statement = (
        update(table_of(Did))
        .where(_C.id == did_id, _C.status.in_(sorted(sources)))
        .values(updated_at=func.ops.now(), **values)
        .returning(*_C)
    )
    return row_as(Did, await session.execute(statement))


async def apply_changes(
    session: AsyncSession, did_id: UUID, changes: Mapping[str, Any], *, push: bool = True
) -> Did | None:
    """Configure an ACTIVE or PORTING did; `push` makes the carrier's copy out of date.

    None when it is in another state by now.
    """
    version = {"meta_version": _C.meta_version + 1} if push else {}
    sources = (DidStatus.ACTIVE, DidStatus.PORTING)
    return await _change(session, did_id, sources, **changes, **version)


async def mark_releasing(session: AsyncSession, did_id: UUID, reason: str) -> Did | None:
    """ACTIVE → RELEASING; None when it is in another state by now."""
    return await _change(
        session,
        did_id,
        (DidStatus.ACTIVE,),
        status=DidStatus.RELEASING,
        releasing_at=func.ops.now(),
        release_reason=reason,
    )


async def reactivate(session: AsyncSession, did_id: UUID) -> Did | None:
    """RELEASING → ACTIVE: the carrier refused, or staff called it off."""
    return await _change(
        session,
        did_id,
        (DidStatus.RELEASING,),
        status=DidStatus.ACTIVE,
        releasing_at=None,
        release_reason=None,
    )


async def disconnect(
    session: AsyncSession, did_id: UUID, *, billing_ends_at: datetime | None = None
) -> Did | None:
    """ACTIVE or RELEASING → DISCONNECTED; the row stays. Billing ends now unless told otherwise."""
    return await _change(
        session,
        did_id,
        (DidStatus.ACTIVE, DidStatus.RELEASING),
        status=DidStatus.DISCONNECTED,
        released_at=func.ops.now(),
        billing_ends_at=billing_ends_at or func.ops.now(),
    )


async def set_pushed(session: AsyncSession, did_id: UUID, version: int) -> Did | None:
    """The carrier has been told this version; a late answer never turns it back.

    Custom fields that were cleared stay as nulls until the carrier has heard of it; then they go.
    """
    pushed = func.greatest(_C.pushed_version, version)
    heard = func.jsonb_strip_nulls(_C.custom_fields)
    fields = case((_C.meta_version == version, heard), else_=_C.custom_fields)
    return await _change(
        session, did_id, tuple(DidStatus), pushed_version=pushed, custom_fields=fields
    )


def _idle() -> ColumnElement[bool]:
    """No live operation is busy with the number."""
    operations = table_of(Operation).c
    return ~(
        select(operations.id)
        .where(
            operations.kind_group == "number",
            operations.subject == _C.number,
            operations.state.not_in(constants(TERMINAL_OPERATION_STATES)),
        )
        .exists()
    )


async def out_of_sync(reader: Reader, limit: int = 100) -> Sequence[Did]:
    """Active dids whose carrier metadata is old and that no live operation is busy with."""
    statement = _ALL.where(_UNSYNCED, _C.status == DidStatus.ACTIVE, _idle())
    return rows_as(Did, await reader.execute(statement.order_by(_C.updated_at).limit(limit)))


async def unreleased(reader: Reader, limit: int = 100) -> Sequence[Did]:
    """RELEASING dids that no live operation is busy with."""
    statement = _ALL.where(_C.status == DidStatus.RELEASING, _idle())
    return rows_as(Did, await reader.execute(statement.order_by(_C.updated_at).limit(limit)))
