"""What comes next for a port project: the one operation that its rows ask for (ADR 0047).

Acceptance writes what is wanted and calls `pursue`; so does the end of each operation, and the
sweeper for whatever was missed. The live lock on the project decides: one operation at a time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, operations, port_numbers, port_projects
from db.ids import new_id
from db.tables import Operation, PortProject
from numbering.actors import Actor, Scope
from numbering.lanes import Lane
from numbering.lifecycle import OperationKind
from numbering.porting import EDITABLE, OPEN, PortStatus
from workflows import port_wanted, recording
from workflows.port_wanted import Want

if TYPE_CHECKING:
    from workflows.timings import Timings
    from workflows.wiring import Services

SYSTEM = Actor.system("sweeper")
_DOES = {
    Want.SUBMIT: OperationKind.PORT_SUBMIT,
    Want.CANCEL: OperationKind.PORT_CANCEL,
    Want.ACTIVATE: OperationKind.PORT_ACTIVATE,
}


async def pursue(
    session: AsyncSession, project: PortProject, actor: Actor, now: datetime, timings: Timings
) -> Operation | None:
    """Begin the operation that is next for a locked project; None: there is none, or one is live.

    Reads nothing of `project` but its id: what is wanted, the row says as it is now.
    """
    fresh = (await port_projects.by_ids(session, [project.id]))[project.id]
    kind = await _next(session, fresh)
    if kind is None:
        return None
    deadline = now + timedelta(seconds=timings.patience)
    return await recording.begin(session, _operation(kind, fresh, actor, deadline))


async def _next(session: AsyncSession, project: PortProject) -> OperationKind | None:
    if project.status not in OPEN:
        return None
    if project.carrier_id is None:
        return OperationKind.PORT_CREATE
    if project.status is PortStatus.CANCELLING:
        return OperationKind.PORT_CANCEL
    if project.status in EDITABLE and await _untold(session, project):
        return OperationKind.PORT_UPLOAD
    want = port_wanted.of(project)
    return None if want is None else _DOES[want]


async def _untold(session: AsyncSession, project: PortProject) -> bool:
    """Rows that were only stored (`revalidate: false`) wait until a check is wanted."""
    if project.version > project.pushed_version:
        return True
    checking = project.status is PortStatus.VALIDATING
    rows = await port_numbers.unpushed(session, project.id)
    return any(checking if row.removed_at is None else not row.removal_pushed for row in rows)


def _operation(
    kind: OperationKind, project: PortProject, actor: Actor, deadline: datetime
) -> Operation:
    return Operation(
        id=new_id(),
        kind=kind,
        kind_group=operations.PORT,
        subject=str(project.id),
        customer_id=project.customer_id,
        lane=Lane.INTERACTIVE,
        actor=actor.as_json(),
        request_id=actor.request_id,
        deadline=deadline,
        request=_request(project),
    )


def _request(project: PortProject) -> dict[str, Any]:
    """Ids, and what of the carrier's was known before: the look is compared with it. No secret."""
    return {
        "project_id": str(project.id),
        "known_job": project.job_id,
        "known_lsr": project.lsr_id,
        **port_wanted.details(project),
    }


async def pursue_due(services: Services) -> int:
    """The sweeper's duty: projects of which the carrier has to be told something, and nobody does.

    Returns how many operations were begun.
    """

    async def work(session: AsyncSession) -> int:
        now = await clock.now(session)
        begun = 0
        for project in await port_projects.unfinished(session):
            made = await pursue(session, project, SYSTEM, now, services.timings)
            begun += made is not None
        return begun

    return await services.workshop.transact(Scope.worker(), work)
