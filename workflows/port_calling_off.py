"""Calling a project off, before or after the carrier has its order."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, operations, port_numbers, port_projects
from db.tables import PortProject
from numbering import foc
from numbering.actors import Actor
from numbering.lifecycle import AuditAction, allowed_next
from numbering.porting import AT_CARRIER, CANCELLABLE, PortStatus
from numbering.refusals import WrongState
from workflows import (
    accepting,
    outcomes,
    port_access,
    port_days,
    port_ending,
    port_history_lines,
    port_progress,
    port_pursuit,
    port_wanted,
    requested,
)
from workflows.accepted import Accepted
from workflows.port_commands import CancelPortProject

if TYPE_CHECKING:
    from workflows.wiring import Services

LONGEST_REASON = 1000


async def cancel(services: Services, actor: Actor, command: CancelPortProject) -> Accepted:
    """Cancel a project; wait a while for the carrier's word if it has to be asked."""

    async def work(session: AsyncSession) -> Accepted:
        reason = requested.text(command.reason, LONGEST_REASON, "reason", required=True)
        project = await port_access.found(session, command.project_id)
        port_access.check_state(project, CANCELLABLE)
        now = await clock.now(session)
        await _check_time(services, session, project, now)
        await port_access.note(
            session,
            actor,
            AuditAction.PORT_CANCEL,
            project,
            before={"status": project.status},
            reason=reason,
        )
        if await _unknown_to_carrier(session, project):
            await port_ending.end_cancelled(session, project, actor, now)
            return port_access.accepted(project)
        wanted = port_wanted.cancellation(reason, project.status)
        moved = await port_projects.move(session, project, PortStatus.CANCELLING, wanted=wanted)
        summary = "To be cancelled"
        await port_history_lines.tell(session, moved, actor, summary, status=moved.status)
        await port_progress.tell(session, moved)
        begun = await port_pursuit.pursue(session, moved, actor, now, services.timings)
        return port_access.accepted(project, begun)

    accepted = await accepting.once(services, actor, "cancelPortProject", command, work)
    ended = await outcomes.settled(services, actor, accepted.operation_ids)
    refusals = outcomes.refusals(services, ended, {}, default=port_access.PATH)
    return accepted.with_refusals(refusals)


async def _check_time(
    services: Services, session: AsyncSession, project: PortProject, now: datetime
) -> None:
    """WrongState once the day of activation is too near for the carriers to stop (decisions 27)."""
    day = project.foc_date
    if project.status not in AT_CARRIER or day is None:
        return
    zones = port_days.zones(await port_numbers.numbers_of(session, project.id))
    until = foc.cancel_until(day, zones, services.foc_rules)
    if now >= until:
        ways = allowed_next(project.status) - {PortStatus.CANCELLING, PortStatus.CANCELLED}
        message = (
            f"The port could be cancelled until {until.isoformat(timespec='minutes')}. "
            "Write to us with addPortComment."
        )
        raise WrongState(project.status, sorted(ways), message=message, path=port_access.PATH)


async def _unknown_to_carrier(session: AsyncSession, project: PortProject) -> bool:
    """It has no project of ours, and no request is about to make one."""
    if project.carrier_id is not None:
        return False
    live = await operations.live_subjects(session, [str(project.id)], operations.PORT)
    return not live
