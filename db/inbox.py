"""The carrier's deliveries, kept by their webhook-id: what comes again is known (invariant I12)."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.rows import row_as, table_of, values_of
from db.tables import Webhook
from db.tenancy import Reader

KEPT = timedelta(days=30)

_C = table_of(Webhook).c


async def keep(session: AsyncSession, webhook: Webhook) -> bool:
    """Keep a delivery; False when it was here before. In the scope of staff or the worker."""
    statement = pg_insert(table_of(Webhook)).values(values_of(webhook)).on_conflict_do_nothing()
    kept = await session.execute(statement.returning(_C.id))
    return kept.one_or_none() is not None


async def by_operation(reader: Reader, operation_id: UUID) -> Webhook | None:
    """The delivery that an operation is about."""
    found = await reader.execute(select(*_C).where(_C.operation_id == operation_id))
    return row_as(Webhook, found)


async def processed(session: AsyncSession, webhook_id: str, outcome: str) -> None:
    """Write down what came of a delivery; the worker's."""
    statement = update(table_of(Webhook)).where(_C.id == webhook_id)
    await session.execute(statement.values(processed_at=func.ops.now(), outcome=outcome))


async def prune(session: AsyncSession, older_than: timedelta = KEPT) -> int:
    """Forget old deliveries; the worker's. Returns how many."""
    statement = delete(table_of(Webhook)).where(_C.received_at < func.ops.now() - older_than)
    return len((await session.execute(statement.returning(_C.id))).all())
