"""The audit trail: written with the change itself, numbered without gaps for each customer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import events, keyset, tenancy
from db.ids import new_id
from db.rows import Key, by_key, keyed, rows_as, table_of, values_of
from db.tables import AuditRow
from db.tenancy import Reader
from numbering.lifecycle import AuditAction

_C = table_of(AuditRow).c
_BY_ID = keyed(AuditRow)
# 10,000 entries in one statement: the rows as arrays, what they share as it is.
_APPEND_ALL = text("""
    INSERT INTO ops.audit (id, customer_id, seq, actor, actor_is_staff, action, number, before,
      after, reason, request_id, operation_id)
    SELECT t.id, CAST(:customer_id AS uuid), CAST(:first AS bigint) + t.place - 1,
      :actor, :actor_is_staff, :action, t.number, CAST(t.before AS jsonb), CAST(t.after AS jsonb),
      CAST(:reason AS varchar), CAST(:request_id AS varchar), CAST(:operation_id AS uuid)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS varchar[]), CAST(:befores AS text[]),
      CAST(:afters AS text[])) WITH ORDINALITY AS t (id, number, before, after, place)
""")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries; everything that is given has to hold. `since` is included, `until` is not."""

    number: str | None = None
    actions: tuple[AuditAction, ...] | None = None
    customer_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one of many numbers."""

    number: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


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


async def append_all(
    session: AsyncSession,
    changes: Sequence[Change],
    *,
    customer_id: UUID | None,
    actor: str,
    actor_is_staff: bool,
    action: AuditAction,
    reason: str | None = None,
    request_id: str | None = None,
    operation_id: UUID | None = None,
) -> None:
    """Write an entry for each change, in their order, in two statements; as `append` does."""
    if not changes:
        return
    stream = events.of_audit(customer_id)
    last = await events.take_number(session, stream, customer_id, count=len(changes))
    shared = {
        "customer_id": customer_id,
        "actor": actor,
        "actor_is_staff": actor_is_staff,
        "action": action.value,
        "reason": reason,
        "request_id": request_id,
        "operation_id": operation_id,
    }
    arrays = {
        "first": last - len(changes) + 1,
        "ids": [new_id() for _ in changes],
        "numbers": [change.number for change in changes],
        "befores": [_json(change.before) for change in changes],
        "afters": [_json(change.after) for change in changes],
    }
    await session.execute(_APPEND_ALL, shared | arrays)


def _json(facts: Mapping[str, Any] | None) -> str | None:
    return None if facts is None else orjson.dumps(dict(facts), default=str).decode()


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
