"""Where the carrier is with an order, and what that makes of the project: forward, never back.

Rank is (attempt, status): another LSR than ours is another attempt, and within one a lower status
is late (decisions 28). A rejection ends the attempt and gives the project back for editing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from db import clock, port_attempts, port_numbers, port_projects
from db.tables import PortProject
from numbering import port_codes
from numbering.lifecycle import AuditAction, allowed_next
from numbering.notices import NoticeKind
from numbering.port_codes import Rejection
from numbering.porting import EDITABLE, PORT_RANKS, PortNumberState, PortStatus
from teliport.wire_ports import PortRecord
from workflows import port_activation, port_ending, port_letters, recording
from workflows.news_terms import Case, Outcome, Taken, told_by

_P, _N = PortStatus, PortNumberState
_RANK_OF_CANCELLING = PORT_RANKS[_P.FOC_ASSIGNED]
"""While we ask for a cancellation, only what overtakes it is news."""


async def take_in(case: Case, project: PortProject) -> Taken:
    """Bring a locked project to where the carrier is with it."""
    record = case.news.record
    told = None if record is None else told_by(record)
    if record is None or told is None:
        return project, Outcome.NOTHING
    if told is _P.CANCELLED:
        return await _cancelled(case, project, record)
    if project.status in EDITABLE or record.lsr_id not in {None, project.lsr_id}:
        return project, await _of_another_order(case, project, record)
    if PORT_RANKS[told] < _rank(project.status):
        return project, Outcome.LATE
    return await _NEWS[told](case, project, record)


def _rank(status: PortStatus) -> int:
    return PORT_RANKS.get(status, _RANK_OF_CANCELLING)


async def _of_another_order(case: Case, project: PortProject, record: PortRecord) -> Outcome:
    known = await port_attempts.attempt_by_lsr(case.session, project.id, record.lsr_id or "")
    return Outcome.EARLY if known is None else Outcome.LATE


async def _waiting(case: Case, project: PortProject, record: PortRecord) -> Taken:
    """SUBMITTED, PENDING, CONFIRMED."""
    told = PortStatus(record.status)
    if told is project.status or told not in allowed_next(project.status):
        return project, Outcome.NOTHING
    moved = await port_projects.move(case.session, project, told)
    await case.tell(moved, _SAID[told])
    return moved, Outcome.CHANGED


_SAID = {
    _P.SUBMITTED: "The carrier has the order",
    _P.PENDING: "The losing carrier has the order and is working on it",
    _P.CONFIRMED: "The losing carrier has confirmed the order",
}


async def _foc_assigned(case: Case, project: PortProject, record: PortRecord) -> Taken:
    if project.status is _P.CANCELLING:
        return project, Outcome.NOTHING
    day = record.foc_date or project.foc_date
    if project.status is _P.FOC_ASSIGNED and day == project.foc_date:
        return project, Outcome.NOTHING
    moved = await port_projects.move(case.session, project, _P.FOC_ASSIGNED, foc_date=day)
    await case.tell(moved, f"The numbers are to be activated on {day}")
    if day is not None:
        await port_letters.foc(case.session, NoticeKind.PORT_FOC_SET, moved)
    return moved, Outcome.CHANGED


async def _activation(case: Case, project: PortProject, record: PortRecord) -> Taken:
    """ACTIVATING, PARTIAL, COMPLETE: the numbers say which it is."""
    return await port_activation.take_in(case, project, record)


async def _rejected(case: Case, project: PortProject, record: PortRecord) -> Taken:
    """Back to editing: the attempt is over, its reason is kept, and what it named is marked."""
    if _P.REJECTED not in allowed_next(project.status):
        return project, Outcome.LATE
    session, said = case.session, await _rejection(case, record)
    kept = said.as_json()
    await port_attempts.end_attempt(session, project.id, project.attempt, _P.REJECTED, kept)
    moved = await port_projects.move(
        session,
        project,
        _P.REJECTED,
        attempt=project.attempt + 1,
        rejection=kept,
        wanted=None,
        foc_date=None,
    )
    await _give_back(case, moved, record, said)
    code = f" ({said.carrier_code})" if said.carrier_code else ""
    summary = f"The losing carrier has rejected the order: {said.code.value}{code}. {said.message}"
    await case.tell(moved, summary, carrier_code=said.carrier_code)
    await _audit(case, project, moved)
    await port_letters.rejected(session, project, said)
    return moved, Outcome.CHANGED


async def _rejection(case: Case, record: PortRecord) -> Rejection:
    theirs = record.rejection
    at = theirs.at if theirs else None
    return port_codes.rejection(
        at=at or case.news.occurred_at or await clock.now(case.session),
        code=theirs.code if theirs else None,
        message=theirs.message if theirs else None,
        field=theirs.field if theirs else None,
        numbers=theirs.tns if theirs else (),
    )


async def _give_back(case: Case, project: PortProject, record: PortRecord, said: Rejection) -> None:
    """The numbers that it named are REJECTED with its error; the others are as valid as before."""
    session = case.session
    back = await port_numbers.move_all(session, project.id, (_N.SUBMITTED,), _N.REJECTED)
    named = {row.number for row in back} & set(said.numbers)
    theirs = record.rejection
    error = port_codes.number_error(
        code=theirs.code if theirs else None,
        message=theirs.message if theirs else None,
        field=theirs.field if theirs else None,
    ).as_json()
    found = {number: (_N.REJECTED, [error]) for number in named}
    await port_numbers.judge_all(session, project.id, found)
    others = [row.number for row in back if row.number not in named]
    await port_numbers.move_all(session, project.id, (_N.REJECTED,), _N.VALID, others)


async def _cancelled(case: Case, project: PortProject, record: PortRecord) -> Taken:
    """By us or by the carrier; whoever finds out first ends it."""
    if project.status is _P.CANCELLED:
        return project, Outcome.NOTHING
    if _P.CANCELLED not in allowed_next(project.status):
        return project, Outcome.LATE
    now = await clock.now(case.session)
    moved = await port_ending.end_cancelled(case.session, project, case.actor, now)
    await _audit(case, project, moved)
    return moved, Outcome.CHANGED


async def _audit(case: Case, before: PortProject, after: PortProject) -> None:
    """The trail of what the carrier decided."""
    cancelled = after.status is _P.CANCELLED
    await recording.note(
        case.session,
        case.actor,
        AuditAction.PORT_CANCEL if cancelled else AuditAction.PORT_SUBMIT,
        customer_id=before.customer_id,
        before={"status": before.status.value},
        after={"status": after.status.value, "projectId": str(after.id)},
        reason=f"What the carrier says ({case.cause})",
    )


_NEWS: Mapping[PortStatus, Callable[[Case, PortProject, PortRecord], Awaitable[Taken]]] = {
    _P.SUBMITTED: _waiting,
    _P.PENDING: _waiting,
    _P.CONFIRMED: _waiting,
    _P.FOC_ASSIGNED: _foc_assigned,
    _P.ACTIVATING: _activation,
    _P.PARTIAL: _activation,
    _P.COMPLETE: _activation,
    _P.REJECTED: _rejected,
}
