"""What the carrier's answers to our writes about a port change in our own rows, kind by kind.

Each is part of the transaction that ends an operation, or takes it to its next step; the project is
locked first. What the carrier does by itself is news, and `carrier_news` takes it in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import port_attempts, port_numbers, port_projects
from db.tables import Operation, PortProject
from numbering.lifecycle import AuditAction, OperationKind, allowed_next
from numbering.notices import NoticeKind
from numbering.porting import LIVE_PORT_NUMBER_STATES, PortNumberState, PortStatus
from numbering.refusals import FocDateNotAllowed, Refusal, WrongState
from workflows import (
    intents,
    notices,
    port_history_lines,
    port_progress,
    port_pursuit,
    port_wanted,
    port_watching,
    recording,
)
from workflows.port_facts import PortFacts
from workflows.port_saga_terms import PortCall, PortSight

if TYPE_CHECKING:
    from workflows.timings import Timings

_P, _N = PortStatus, PortNumberState
UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class PortCase:
    """An operation at the end of a step or of itself."""

    operation: Operation
    facts: PortFacts
    now: datetime
    timings: Timings


# ── steps ────────────────────────────────────────────────────────────────────────────────────────
async def keep(session: AsyncSession, case: PortCase, call: PortCall, sight: PortSight) -> None:
    """The carrier knows what this call told it."""
    await _KEEP[call](session, await _project(session, case), case, sight)


async def succeed(
    session: AsyncSession, case: PortCase, call: PortCall | None, sight: PortSight
) -> None:
    """The last step; then whatever is next for the project."""
    if call is not None:
        await keep(session, case, call, sight)
    await _go_on(session, case)


async def _go_on(session: AsyncSession, case: PortCase) -> None:
    project = await _project(session, case)
    actor = intents.actor_of(case.operation)
    await port_pursuit.pursue(session, project, actor, case.now, case.timings)


async def _project(session: AsyncSession, case: PortCase) -> PortProject:
    project = await port_projects.locked(session, case.facts.project.id)
    assert project is not None  # noqa: S101  projects are never deleted
    return project


async def _created(
    session: AsyncSession, project: PortProject, case: PortCase, sight: PortSight
) -> None:
    await port_projects.change(
        session, project.id, carrier_id=sight.carrier_id, pushed_version=case.facts.version
    )


async def _updated(
    session: AsyncSession, project: PortProject, case: PortCase, _sight: PortSight
) -> None:
    await port_projects.change(session, project.id, pushed_version=case.facts.version)


async def _removed(
    session: AsyncSession, _project: PortProject, case: PortCase, _sight: PortSight
) -> None:
    await port_numbers.removal_pushed(session, [row.id for row in case.facts.removals])


async def _uploaded(
    session: AsyncSession, project: PortProject, case: PortCase, sight: PortSight
) -> None:
    """The versions that were sent, and no others, are with the carrier and being checked."""
    await port_numbers.pushed(session, {row.id: row.version for row in case.facts.rows})
    changed = await port_projects.change(
        session,
        project.id,
        job_id=sight.job_id or project.job_id,
        checked_total=len(case.facts.rows),
        checked_count=0,
        checked_errors=0,
        checked_rate=None,
        checked_at=None,
    )
    assert changed is not None  # noqa: S101  it is locked
    if changed.status is _P.VALIDATING:
        await port_progress.tell(session, changed)
        await port_watching.watch(session, changed, intents.actor_of(case.operation), case.now)


async def _submitted(
    session: AsyncSession, project: PortProject, case: PortCase, sight: PortSight
) -> None:
    before = (await port_attempts.attempts_of(session, [project.id])).get(project.id, ())
    foc_date = port_wanted.foc_date(case.facts.request)
    moved = await port_projects.move(
        session,
        project,
        _P.SUBMITTED,
        wanted=None,
        attempt=before[-1].attempt + 1 if before else 1,
        lsr_id=sight.lsr_id,
        submitted_at=case.now,
        rejection=None,
        foc_date=None,
    )
    await port_attempts.begin_attempt(session, moved, lsr_id=sight.lsr_id, foc_date=foc_date)
    await port_numbers.move_all(session, project.id, (_N.VALID, _N.REJECTED), _N.SUBMITTED)
    await recording.note_of(
        session,
        case.operation,
        AuditAction.PORT_SUBMIT,
        before={"status": project.status},
        after={"status": moved.status, "projectId": str(project.id), "focDate": str(foc_date)},
    )
    summary = f"Submitted for activation on {foc_date}"
    await _told(session, case, moved, summary, status=_P.SUBMITTED)
    await port_progress.tell(session, moved)
    await port_watching.watch(session, moved, intents.actor_of(case.operation), case.now)


async def _cancelled(
    session: AsyncSession, project: PortProject, case: PortCase, _sight: PortSight
) -> None:
    await end_cancelled(session, project, intents.actor_of(case.operation), case.now)


async def _activated(
    session: AsyncSession, project: PortProject, case: PortCase, sight: PortSight
) -> None:
    """The numbers themselves are news: the poller brings them."""
    changed = await port_wanted.drop(session, project)
    failed = f", {len(sight.failed)} refused" if sight.failed else ""
    summary = f"Activation of {len(case.facts.numbers)} numbers asked for{failed}"
    await _told(session, case, changed, summary)
    await port_watching.watch(session, changed, intents.actor_of(case.operation), case.now)


Kept = Callable[[AsyncSession, PortProject, PortCase, PortSight], Awaitable[None]]
_KEEP: Mapping[PortCall, Kept] = {
    PortCall.CREATE: _created,
    PortCall.UPDATE: _updated,
    PortCall.REMOVE: _removed,
    PortCall.UPLOAD: _uploaded,
    PortCall.SUBMIT: _submitted,
    PortCall.CANCEL: _cancelled,
    PortCall.ACTIVATE: _activated,
}


# ── refused for good ─────────────────────────────────────────────────────────────────────────────
def can_be_refused(case: PortCase) -> bool:
    """Whether there is a way back: not for a cancellation of what was never submitted."""
    if case.operation.kind is not OperationKind.PORT_CANCEL:
        return True
    return port_wanted.before(case.facts.request) in allowed_next(_P.CANCELLING)


def refusal_of(case: PortCase, status: int) -> Refusal:
    """The lawful no that people get, in our words: the carrier's may quote secrets."""
    match case.operation.kind:
        case OperationKind.PORT_SUBMIT if status == UNPROCESSABLE:
            message = "The carrier does not accept this day. Choose another one; see focCalendar."
            return FocDateNotAllowed((), None, message=message)
        case OperationKind.PORT_SUBMIT:
            message = (
                "The carrier does not accept the submission as the project stands. "
                "Have the numbers checked again, then submit once more."
            )
        case OperationKind.PORT_CANCEL:
            message = (
                "The carrier does not cancel this port any more: it is being activated. "
                "Write to us with addPortComment."
            )
        case _:
            message = "The carrier does not activate these numbers now. Look at its news first."
    project = case.facts.project
    return WrongState(project.status, sorted(allowed_next(project.status)), message=message)


async def refuse(session: AsyncSession, case: PortCase, status: int) -> None:
    """Nothing is wanted any more; a cancellation leads back to where the project was."""
    project = await _project(session, case)
    refusal = refusal_of(case, status)
    if case.operation.kind is OperationKind.PORT_CANCEL and project.status is _P.CANCELLING:
        back = port_wanted.before(case.facts.request)
        project = await port_projects.move(session, project, back, wanted=None)
        await port_progress.tell(session, project)
    else:
        project = await port_wanted.drop(session, project)
    await _told(session, case, project, refusal.message, status=project.status)
    await _go_on(session, case)


async def _told(
    session: AsyncSession, case: PortCase, project: PortProject, summary: str, **columns: Any
) -> None:
    actor = intents.actor_of(case.operation)
    await port_history_lines.tell(session, project, actor, summary, **columns)


# ── cancelled ────────────────────────────────────────────────────────────────────────────────────
async def end_cancelled(
    session: AsyncSession, project: PortProject, actor: Any, now: datetime
) -> PortProject:
    """It is over for the project and its numbers; said where people look, and by e-mail."""
    submitted = project.lsr_id is not None
    moved = await port_projects.move(session, project, _P.CANCELLED, wanted=None, completed_at=now)
    await port_numbers.move_all(session, project.id, LIVE_PORT_NUMBER_STATES, _N.CANCELLED)
    if submitted:
        await port_attempts.end_attempt(session, project.id, project.attempt, _P.CANCELLED)
    await port_history_lines.tell(session, moved, actor, "Cancelled", status=_P.CANCELLED)
    told = await port_progress.tell(session, moved)
    await notices.announce(
        session,
        NoticeKind.PORT_CANCELLED,
        project.customer_id,
        f"port:{project.id}:cancelled",
        {"project": project.name, "projectId": str(project.id)},
    )
    return told
