"""Errands: operations that change nothing at the carrier, such as polls, deliveries and notices.

They give up by the clock and not by a count of tries, so a wait leaves `attempt` alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import incidents, operations
from db.ids import new_id
from db.tables import Operation
from numbering.actors import Actor
from numbering.lanes import Lane
from numbering.lifecycle import OperationKind, OperationState
from workflows import incident_opening, recording
from workflows.leases import held

if TYPE_CHECKING:
    from workflows.grip import Grip

GROUPS = {
    OperationKind.PORT_POLL: operations.PORT_POLL,
    OperationKind.WEBHOOK: operations.WEBHOOK,
    OperationKind.NOTICE: operations.NOTICE,
}
LONGEST_PAUSE = 300.0


def errand(
    kind: OperationKind,
    subject: object,
    customer_id: UUID | None,
    actor: Actor,
    *,
    deadline: datetime | None = None,
) -> Operation:
    """An operation of the bulk lane that begins at once."""
    return Operation(
        id=new_id(),
        kind=kind,
        kind_group=GROUPS[kind],
        subject=str(subject),
        customer_id=customer_id,
        lane=Lane.BULK,
        actor=actor.as_json(),
        request_id=actor.request_id,
        deadline=deadline,
    )


def pause(since: datetime, now: datetime, least: float) -> float:
    """Seconds to wait after a failure: as long again as it has been failing, within bounds."""
    return max(least, min(LONGEST_PAUSE, (now - since).total_seconds()))


async def renew(session: AsyncSession, grip: Grip) -> None:
    """Keep it in hand for what takes several transactions. Raises LeaseLost."""
    operation, lease = grip.operation, timedelta(seconds=grip.services.timings.lease)
    held(await operations.renew(session, operation.id, operation.fence, lease))


async def wait(
    session: AsyncSession, grip: Grip, seconds: float, *, error: str | None = None, **changes: Any
) -> float:
    """Let go of it for a while, with a job for when the while is over. Raises LeaseLost."""
    operation, delay = grip.operation, timedelta(seconds=seconds)
    row = await operations.wait(
        session, operation.id, operation.fence, delay, last_error=error, **changes
    )
    held(row)
    return seconds


async def end(session: AsyncSession, grip: Grip) -> None:
    """SUCCEEDED, and its incident with it. Raises LeaseLost."""
    operation = grip.operation
    held(await operations.settle(session, operation.id, operation.fence, OperationState.SUCCEEDED))
    await incidents.resolve_for(
        session, operation.id, by="WARP", resolution="The operation ended: SUCCEEDED"
    )


async def attend(session: AsyncSession, grip: Grip, summary: str, error: str | None = None) -> None:
    """Leave it to staff, with an incident. Raises LeaseLost."""
    operation = grip.operation
    row = await operations.attention(
        session, operation.id, operation.fence, last_error=error or summary
    )
    await incident_opening.opened(session, held(row), summary)


async def hurry(session: AsyncSession, operation: Operation) -> None:
    """Bring a waiting one forward; one in hand looks at the rows before it ends."""
    due = await operations.hurry(session, operation.id)
    if due is not None:
        await recording.enqueue(session, [due])
