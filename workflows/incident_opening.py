"""The incident of an operation that went to staff, written with the operation's own row."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from db import incidents, operations
from db.tables import Incident, Operation


async def opened(session: AsyncSession, row: Operation, summary: str) -> None:
    """Open it; `summary` is for staff, and names no secret."""
    await incidents.open_one(
        session,
        Incident(
            operation_id=row.id,
            customer_id=row.customer_id,
            number=row.subject if row.kind_group == operations.NUMBER else None,
            summary=summary,
            last_error=row.last_error,
        ),
    )
