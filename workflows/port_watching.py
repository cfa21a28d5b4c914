"""Beginning to watch a project at the carrier, or hurrying whoever does; `port_polling` looks.

Apart from it, because everybody who makes something to watch comes here, and what a look brings in
is such a thing too.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, operations, port_projects
from db.tables import PortProject
from numbering.actors import Actor, Scope
from numbering.lifecycle import OperationKind
from workflows import errands, recording
from workflows.news_terms import CARRIER

if TYPE_CHECKING:
    from workflows.wiring import Services


async def watch(session: AsyncSession, project: PortProject, actor: Actor, now: datetime) -> None:
    """See that a project is looked at, from now on. The project is locked by the caller."""
    poll = errands.errand(OperationKind.PORT_POLL, project.id, project.customer_id, actor)
    poll.run_at = now
    if await recording.begin(session, poll) is None:
        await hurry(session, project)


async def hurry(session: AsyncSession, project: PortProject) -> None:
    """Bring the next look forward, if anybody looks at all."""
    live = await operations.live_in(session, operations.PORT_POLL, [str(project.id)])
    for poll in live.values():
        await errands.hurry(session, poll)


async def watch_due(services: Services) -> int:
    """Projects that nobody looks at although there may be news; the sweeper's duty."""

    async def work(session: AsyncSession) -> int:
        found = await port_projects.unwatched(session)
        now = await clock.now(session)
        for project in found:
            await port_projects.locked(session, project.id)
            await watch(session, project, CARRIER, now)
        return len(found)

    return await services.workshop.transact(Scope.worker(), work)
