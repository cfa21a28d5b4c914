"""Staff have settled by hand what a port operation could not: our rows follow them.

What was done by hand is taken as told, so that nothing is sent about it again; what the carrier has
instead, the poller finds. Then whatever is next for the project goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, port_numbers, port_projects
from db.tables import Operation, PortProject
from numbering.actors import Actor
from numbering.lifecycle import OperationKind, allowed_next
from numbering.porting import PortStatus
from workflows import (
    intents,
    port_ending,
    port_history_lines,
    port_progress,
    port_pursuit,
    port_wanted,
    port_watching,
)

if TYPE_CHECKING:
    from workflows.timings import Timings

_WORDS: Mapping[OperationKind, str] = {
    OperationKind.PORT_CREATE: "Our staff will set the project up at the carrier once more",
    OperationKind.PORT_UPLOAD: "Our staff have brought the carrier's list up to date",
    OperationKind.PORT_SUBMIT: "Our staff have called the submission off",
    OperationKind.PORT_CANCEL: "Our staff have settled the cancellation",
    OperationKind.PORT_ACTIVATE: "Our staff have settled the activation",
}


async def settle(session: AsyncSession, ended: Operation, actor: Actor, timings: Timings) -> None:
    """Bring the project in line with an operation that was given up."""
    project = await port_projects.locked(session, intents.uuid_of(ended, "project_id"))
    assert project is not None  # noqa: S101  projects are never deleted
    await port_history_lines.tell(session, project, actor, _WORDS[ended.kind])
    now = await clock.now(session)
    match ended.kind:
        case OperationKind.PORT_UPLOAD:
            project = await _uploaded(session, project)
        case OperationKind.PORT_CANCEL:
            project = await _cancelled(session, project, ended.request, actor, now)
        case OperationKind.PORT_CREATE if project.status is PortStatus.CANCELLING:
            project = await port_ending.end_cancelled(session, project, actor, now)
        case OperationKind.PORT_SUBMIT | OperationKind.PORT_ACTIVATE:
            project = await port_wanted.drop(session, project)
        case _:
            pass  # a project that is still wanted is looked for, and made if there is none
    await port_watching.watch(session, project, actor, now)
    await port_pursuit.pursue(session, project, actor, now, timings)


async def _uploaded(session: AsyncSession, project: PortProject) -> PortProject:
    """All is with the carrier as it is here; its verdicts are to come."""
    rows = await port_numbers.unpushed(session, project.id)
    kept = {row.id: row.version for row in rows if row.removed_at is None}
    await port_numbers.pushed(session, kept)
    gone = [row.id for row in rows if row.removed_at is not None]
    await port_numbers.removal_pushed(session, gone)
    changed = await port_projects.change(session, project.id, pushed_version=project.version)
    assert changed is not None  # noqa: S101  it is locked
    return await port_progress.tell(session, changed)


async def _cancelled(
    session: AsyncSession,
    project: PortProject,
    request: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> PortProject:
    """Back to where it was, and the carrier's news say the rest; before a submission it is over."""
    if project.status is not PortStatus.CANCELLING:
        return project
    back = port_wanted.before(request)
    if back not in allowed_next(PortStatus.CANCELLING):
        return await port_ending.end_cancelled(session, project, actor, now)
    moved = await port_projects.move(session, project, back, wanted=None)
    return await port_progress.tell(session, moved)
