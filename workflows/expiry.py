"""Holds that have run out: written down, without a call upstream (decisions 6).

The carrier's own clock frees the number a minute later; a call could only free somebody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import reservations
from numbering.actors import Actor, Scope
from numbering.lifecycle import AuditAction, ReservationItemState
from workflows import recording

if TYPE_CHECKING:
    from collections.abc import Collection

    from workflows.wiring import Services

SYSTEM = Actor.system("expiry")


async def expire(services: Services) -> int:
    """Expire what is due; returns how many items."""
    return await services.workshop.transact(Scope.worker(), expire_due)


async def expire_due(session: AsyncSession, numbers: Collection[str] | None = None) -> int:
    """The same within a transaction, for these numbers or all."""
    expired = await reservations.expire_due(session, numbers=numbers)
    for reservation_id in sorted({item.reservation_id for item in expired}):
        await reservations.recompute(session, reservation_id)
    for item in expired:
        await recording.note(
            session,
            SYSTEM,
            AuditAction.EXPIRE,
            customer_id=item.customer_id,
            number=item.number,
            before={"state": ReservationItemState.HELD},
            after={"state": item.state},
        )
    return len(expired)
