"""The outbox of e-mails, and what each customer wants to be told (invariant I13)."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import String, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import operations
from db.rows import by_key, grouped, keyed, row_as, rows_as, table_of, values_of
from db.tables import Notice, NoticePreference, Operation
from db.tenancy import Reader
from numbering.notices import NoticeKind

_C = table_of(Notice).c
_P = table_of(NoticePreference).c
_BY_ID = keyed(Notice)
_OF_CUSTOMERS = keyed(NoticePreference, "customer_id").order_by(_P.kind)


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, Notice]:
    """Notices by id."""
    return await by_key(reader, Notice, _BY_ID, ids)


async def keep_all(session: AsyncSession, notices: Sequence[Notice]) -> Sequence[Notice]:
    """Keep those whose occasion its recipient has not been told of yet; returns these."""
    if not notices:
        return []
    # In one order, so that two transactions with the same occasions queue instead of deadlock.
    ordered = sorted(notices, key=lambda notice: (notice.occasion, notice.recipient))
    rows = [values_of(notice) for notice in ordered]
    statement = pg_insert(table_of(Notice)).values(rows).on_conflict_do_nothing()
    return rows_as(Notice, await session.execute(statement.returning(*_C)))


async def count_send(session: AsyncSession, notice_id: UUID) -> Notice | None:
    """Write down, before it is handed over, that a notice may be sent now; None if it was."""
    statement = update(table_of(Notice)).where(_C.id == notice_id, _C.sent_at.is_(None))
    counted = statement.values(sends=_C.sends + 1).returning(*_C)
    return row_as(Notice, await session.execute(counted))


async def sent(session: AsyncSession, notice_id: UUID) -> Notice | None:
    """A notice was handed over; None when that was known."""
    statement = update(table_of(Notice)).where(_C.id == notice_id, _C.sent_at.is_(None))
    told = statement.values(sent_at=func.ops.now()).returning(*_C)
    return row_as(Notice, await session.execute(told))


async def unsent_without_operation(reader: Reader, limit: int = 100) -> Sequence[Notice]:
    """Notices that nobody has ever been charged with sending, the oldest first."""
    theirs = table_of(Operation).c
    charged = select(theirs.id).where(
        theirs.kind_group == operations.NOTICE, theirs.subject == cast(_C.id, String)
    )
    statement = select(*_C).where(_C.sent_at.is_(None), ~charged.exists())
    found = await reader.execute(statement.order_by(_C.created_at).limit(limit))
    return rows_as(Notice, found)


async def preferences_of(
    reader: Reader, customer_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[NoticePreference]]:
    """What each customer has chosen; a kind without a row is told to the customer's address."""
    return await grouped(reader, NoticePreference, _OF_CUSTOMERS, customer_ids, "customer_id")


async def set_preferences(
    session: AsyncSession,
    customer_id: UUID,
    preferences: Sequence[tuple[NoticeKind, bool, Sequence[str]]],
) -> None:
    """Choose anew (kind, enabled, recipients) for these kinds, each at most once; others stay.

    No recipients: the customer's own address.
    """
    if not preferences:
        return
    rows = [
        {"customer_id": customer_id, "kind": kind, "enabled": enabled, "recipients": [*recipients]}
        for kind, enabled, recipients in sorted(preferences)
    ]
    statement = pg_insert(table_of(NoticePreference)).values(rows)
    chosen = {"enabled": statement.excluded.enabled, "recipients": statement.excluded.recipients}
    again = statement.on_conflict_do_update(index_elements=[_P.customer_id, _P.kind], set_=chosen)
    await session.execute(again)
