"""Writing down where an operation stands: waiting, ended, or in the hands of staff.

The operation's row, its item or did, the audit row, the events, the incident and the next job are
one transaction each time (S5). Zero rows under the fence raise LeaseLost: all is rolled back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import incidents, operations, reservations
from db.tables import Operation
from numbering.lifecycle import OperationKind, OperationState, ReservationItemState
from workflows import ending, incident_opening, intents
from workflows.crashpoints import crashpoint
from workflows.leases import held
from workflows.saga_terms import (
    Conflicted,
    End,
    Event,
    Fail,
    State,
    Succeed,
    Wait,
)

if TYPE_CHECKING:
    from workflows.grip import Grip
    from workflows.run import Run

REFUSED_TOKEN = "The carrier refuses our token: nothing can be sent until that is put right"  # noqa: S105
_CARTED = frozenset({OperationKind.NUMBER_HOLD, OperationKind.NUMBER_ASSIGN})
_Item = ReservationItemState
_UNDER_WAY = (_Item.PENDING, _Item.ASSIGNING)


async def wait(session: AsyncSession, run: Run, state: State, effect: Wait) -> None:
    """Let go of the operation for a while; in doubt the customer sees PENDING_CONFIRMATION."""
    row = held(
        await operations.wait(
            session,
            run.operation.id,
            run.operation.fence,
            timedelta(seconds=effect.seconds),
            state=OperationState.UNKNOWN if effect.doubtful else OperationState.WAITING,
            attempt=state.attempt,
            sent=intents.marks_of(state),
            last_error=run.last_error or None,
        )
    )
    if effect.doubtful:
        await _unconfirmed(session, row)


async def _unconfirmed(session: AsyncSession, row: Operation) -> None:
    if row.kind not in _CARTED:
        return
    item = await reservations.settle_item(
        session, intents.uuid_of(row, "item_id"), _UNDER_WAY, _Item.PENDING_CONFIRMATION
    )
    if item is not None:
        await reservations.recompute(session, item.reservation_id)


async def page(session: AsyncSession, run: Run) -> None:
    """One incident for the token, however many operations wait for it."""
    await incidents.open_once(session, REFUSED_TOKEN, run.last_error or None)


async def settle(run: Run, state: State, effect: End) -> Event | None:
    """The end, in one transaction; Conflicted when the number turns out to be another's."""
    crashpoint(f"{run.name}.before_settle")
    try:
        await run.write(lambda session: _settled(session, run, state, effect))
    except ending.Taken:
        return Conflicted(run.now())
    crashpoint(f"{run.name}.after_settle")
    return None


async def _settled(session: AsyncSession, run: Run, state: State, effect: End) -> None:
    match effect:
        case Succeed():
            row = await _ended(session, run, state, OperationState.SUCCEEDED)
            await ending.SUCCEEDED[row.kind](session, _case(run, row), effect.sight)
        case Fail():
            row = await _ended(session, run, state, OperationState.FAILED, effect)
            await ending.FAILED[row.kind](session, _case(run, row), effect.failure)
        case _:
            await _attended(session, run, state, effect.summary)


def _case(run: Run, row: Operation) -> ending.Case:
    return ending.Case(row, run.now(), run.services.timings, run.marked_at, run.version)


async def _ended(
    session: AsyncSession, run: Run, state: State, end: OperationState, fail: Fail | None = None
) -> Operation:
    """SUCCEEDED or FAILED; a mark that is left says that the sweeper watches for a late effect."""
    error = None if fail is None else ending.refusal_of(run.operation, fail.failure).as_json()
    row = held(
        await operations.settle(
            session,
            run.operation.id,
            run.operation.fence,
            end,
            error=error,
            attempt=state.attempt,
            sent=intents.marks_of(state),
            run_at=run.now() + timedelta(seconds=run.services.timings.quarantine),
            last_error=run.last_error or None,
        )
    )
    await incidents.resolve_for(
        session, row.id, by="WARP", resolution=f"The operation ended: {end.value}"
    )
    return row


async def _attended(session: AsyncSession, run: Run, state: State, summary: str) -> None:
    row = held(
        await operations.attention(
            session,
            run.operation.id,
            run.operation.fence,
            last_error=run.last_error or summary,
            attempt=state.attempt,
            sent=intents.marks_of(state),
        )
    )
    await incident_opening.opened(session, row, summary)
    await _unconfirmed(session, row)


async def after_defect(grip: Grip, defect: Exception) -> float | None:
    """Our own code failed: try again with back-off, and then let staff see it (poison cap)."""
    timings = grip.services.timings
    attempt = grip.operation.attempt + 1
    error = f"defect {type(defect).__name__}"
    if attempt < timings.attempts:
        delay = timings.backoff(attempt, grip.services.jitter())
        await grip.write(lambda session: _put_off(session, grip, attempt, delay, error))
        return delay
    await grip.write(lambda session: _given_up(session, grip, attempt, error))
    return None


async def _put_off(
    session: AsyncSession, grip: Grip, attempt: int, delay: float, error: str
) -> None:
    await operations.wait(
        session,
        grip.operation.id,
        grip.operation.fence,
        timedelta(seconds=delay),
        attempt=attempt,
        last_error=error,
    )


async def _given_up(session: AsyncSession, grip: Grip, attempt: int, error: str) -> None:
    """As little as possible: whatever else is done here may be what fails."""
    row = await operations.attention(
        session, grip.operation.id, grip.operation.fence, last_error=error, attempt=attempt
    )
    if row is not None:
        await incident_opening.opened(session, row, "The platform failed at this operation")
