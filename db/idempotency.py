"""Idempotency: the same key gives the same answer, however often and however concurrently asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import tenancy
from db.rows import row_as, table_of
from db.tables import IdempotencyKey
from numbering.refusals import KeyReused

KEPT = timedelta(days=30)

_C = table_of(IdempotencyKey).c


@dataclass(frozen=True, slots=True)
class Claimed:
    """The key is ours: do the work and `store` its result in the same transaction."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The work was done (or is under way) before; this is what was stored."""

    result: Mapping[str, Any]


async def claim(
    session: AsyncSession,
    scope: str,
    mutation: str,
    key: str,
    request_hash: str,
    *,
    older: Collection[str] = (),
) -> Claimed | Replay:
    """Be the first with a key, or get what the first one stored; KeyReused for another input.

    `older` are hashes of the same input as they were made before, under another key.

    `scope` is the customer, or the staff member's subject. Somebody who comes while the first one's
    transaction is open waits for its end: fifty identical calls at once make one operation.
    """
    values = {
        "scope": scope,
        "mutation": mutation,
        "key": key,
        "customer_id": tenancy.scope_of(session).customer_id,
        "request_hash": request_hash,
    }
    fresh = pg_insert(table_of(IdempotencyKey)).values(values).on_conflict_do_nothing()
    if (await session.execute(fresh.returning(_C.key))).one_or_none() is not None:
        return Claimed()
    known = select(*_C).where(*_place(scope, mutation, key)).with_for_update()
    row = row_as(IdempotencyKey, await session.execute(known))
    if row is None or row.request_hash not in {request_hash, *older}:
        # No row at all: the key is another customer's, and row-level security hides it.
        raise KeyReused
    return Replay(row.result or {})


async def store(
    session: AsyncSession, scope: str, mutation: str, key: str, result: Mapping[str, Any]
) -> None:
    """What a replay will answer; in the transaction of `claim`."""
    statement = update(table_of(IdempotencyKey)).where(*_place(scope, mutation, key))
    await session.execute(statement.values(result=dict(result)))


async def prune(session: AsyncSession, older_than: timedelta = KEPT) -> int:
    """Forget old keys; the worker's. Returns how many."""
    statement = delete(table_of(IdempotencyKey)).where(_C.created_at < func.ops.now() - older_than)
    return len((await session.execute(statement.returning(_C.key))).all())


def _place(scope: str, mutation: str, key: str) -> tuple[Any, ...]:
    return (_C.scope == scope, _C.mutation == mutation, _C.key == key)
