"""What every request about a port project begins and ends with: its lock, its state, its traces."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import port_counts, port_projects
from db.tables import Operation, PortProject
from numbering.actors import Actor
from numbering.lifecycle import AuditAction, allowed_next
from numbering.porting import EDITABLE, PortStatus
from numbering.refusals import Conflict, NotFound, WrongState
from workflows import port_progress, port_pursuit, port_wanted, port_watching, recording
from workflows.accepted import Accepted
from workflows.port_wanted import Want

if TYPE_CHECKING:
    from workflows.timings import Timings

PATH = ("projectId",)
_P = PortStatus


async def found(session: AsyncSession, project_id: UUID) -> PortProject:
    """The project, locked until the transaction ends. NotFound for an unknown or foreign one."""
    project = await port_projects.locked(session, project_id)
    if project is None:
        raise NotFound("port project", path=PATH)
    return project


async def editable(session: AsyncSession, project_id: UUID) -> PortProject:
    """The same, if it may be edited now. WrongState or Conflict say why not."""
    project = await found(session, project_id)
    check_state(project, EDITABLE)
    return project


def _way_out(status: PortStatus) -> str:
    """What somebody who wanted something else can do about it."""
    return f"Not possible while the project is {status}. {_WAYS_OUT[status]}"


_AT_THE_CARRIER = "The carrier has the order: wait for its news, or cancel it."
_OVER = "It is over; make a new project."
_WAYS_OUT = {
    _P.DRAFT: "Upload the numbers and have them validated first.",
    _P.VALIDATING: "Wait until all numbers are validated (portValidationProgress).",
    _P.NEEDS_FIXES: "Fix, check or remove the numbers that are not valid (errorGroups).",
    _P.VALIDATED: "It can be edited, submitted or cancelled.",
    _P.REJECTED: "Look at `rejection`, fix what it names, and submit again.",
    _P.SUBMITTED: _AT_THE_CARRIER,
    _P.PENDING: _AT_THE_CARRIER,
    _P.CONFIRMED: _AT_THE_CARRIER,
    _P.FOC_ASSIGNED: _AT_THE_CARRIER,
    _P.ACTIVATING: "The carrier is activating the numbers: wait for the outcome.",
    _P.PARTIAL: "The carrier is done; our staff can have the rest activated.",
    _P.CANCELLING: "Wait for the carrier's answer to the cancellation.",
    _P.COMPLETE: _OVER,
    _P.CANCELLED: _OVER,
}


def check_state(project: PortProject, states: Collection[PortStatus]) -> None:
    """WrongState unless the project is in one of these; Conflict while it is being submitted."""
    if project.status not in states:
        ways = sorted(allowed_next(project.status))
        raise WrongState(project.status, ways, message=_way_out(project.status), path=PATH)
    if port_wanted.of(project) is Want.SUBMIT:
        raise Conflict(
            "The project is being submitted at this moment. Wait for the outcome.", path=PATH
        )


def accepted(project: PortProject, *begun: Operation | None) -> Accepted:
    """The answer: the project, and the operations that were begun for it."""
    operations = (operation.id for operation in begun if operation is not None)
    return Accepted(port_project_id=project.id, operation_ids=tuple(operations))


async def note(
    session: AsyncSession,
    actor: Actor,
    action: AuditAction,
    project: PortProject,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """One audit row that names the project; secrets are never among what is noted."""
    await recording.note(
        session,
        actor,
        action,
        customer_id=project.customer_id,
        before=before,
        after={"projectId": str(project.id), **(after or {})},
        reason=reason,
    )


async def to_be_checked(
    session: AsyncSession, project: PortProject, actor: Actor, now: datetime, timings: Timings
) -> Operation | None:
    """Rows were touched and a check is wanted: VALIDATING, told to those who watch, and pursued."""
    moved = await port_projects.move(session, project, _P.VALIDATING)
    await port_progress.tell(session, moved)
    await port_watching.watch(session, moved, actor, now)
    return await port_pursuit.pursue(session, moved, actor, now, timings)


async def sum_up(session: AsyncSession, project: PortProject) -> PortProject:
    """The status that the rows amount to when no check is under way for any of them."""
    counts = (await port_counts.counts_of(session, [project.id]))[project.id]
    checking = project.status is _P.VALIDATING
    if counts.total == 0:
        status = _P.DRAFT
    elif counts.valid == counts.total:
        status = _P.VALIDATED
    elif checking and counts.pending + counts.validating > 0:
        status = _P.VALIDATING
    elif project.status in {_P.DRAFT, _P.REJECTED}:
        status = project.status
    else:
        status = _P.NEEDS_FIXES
    moved = await port_projects.move(session, project, status)
    return await port_progress.tell(session, moved)
