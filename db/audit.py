"""The audit trail: written with the change itself, numbered without gaps for each customer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import events, keyset, tenancy
from db.rows import Key, by_key, keyed, rows_as, table_of, values_of
from db.tables import AuditRow
from db.tenancy import Reader
from numbering.lifecycle import AuditAction

_C = table_of(AuditRow).c
_BY_ID = keyed(AuditRow)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries; everything that is given has to hold. `since` is included, `until` is not."""

    number: str | None = None
    actions: tuple[AuditAction, ...] | None = None
    customer_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def append(
    session: AsyncSession,
    *,
    customer_id: UUID | None,
    actor: str,
    actor_is_staff: bool,
    action: AuditAction,
    number: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
    request_id: str | None = None,
    operation_id: UUID | None = None,
) -> AuditRow:
    """Write one entry; its `seq` has no gaps for the customer (None: the platform itself)."""
    seq = await events.take_number(session, events.of_audit(customer_id), customer_id)
    row = AuditRow(
        customer_id=customer_id,
        seq=seq,
        actor=actor,
        actor_is_staff=actor_is_staff,
        action=action,
        number=number,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
        reason=reason,
        request_id=request_id,
        operation_id=operation_id,
    )
    statement = pg_insert(table_of(AuditRow)).values(values_of(row)).returning(*_C)
    return rows_as(AuditRow, await session.execute(statement))[0]


def _matching(reader: Reader, statement: Select[Any], where: AuditFilter) -> Select[Any]:
    statement = tenancy.narrow(reader, statement, _C.customer_id)
    conditions = (
        where.number is not None and _C.number == where.number,
        where.actions is not None and _C.action.in_(where.actions or ()),
        where.customer_id is not None and _C.customer_id == where.customer_id,
        where.since is not None and _C.at >= where.since,
        where.until is not None and _C.at < where.until,
    )
    return statement.where(*(condition for condition in conditions if condition is not False))


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, AuditRow]:
    """Entries by id."""
    return await by_key(reader, AuditRow, _BY_ID, ids)


async def page(
    reader: Reader,
    where: AuditFilter | None = None,
    *,
    after: Key | None = None,
    limit: int = 50,
) -> Sequence[AuditRow]:
    """Entries, the newest first; the key of a row is (at, id)."""
    statement = keyset.window(
        _matching(reader, select(*_C), where or AuditFilter()),
        (_C.at, _C.id),
        after=after,
        limit=limit,
        descending=True,
    )
    return rows_as(AuditRow, await reader.execute(statement))


async def count(reader: Reader, where: AuditFilter | None = None) -> int:
    """How many entries `page` has."""
    every = select(func.count()).select_from(table_of(AuditRow))
    statement = _matching(reader, every, where or AuditFilter())
    return int((await reader.execute(statement)).scalar_one())
