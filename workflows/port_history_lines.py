"""A line of a project's history in somebody's name: staff are shown as the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import port_history
from db.tables import PortProject
from numbering.actors import Actor

if TYPE_CHECKING:
    from numbering.porting import PortStatus


async def tell(
    session: AsyncSession,
    project: PortProject,
    actor: Actor,
    summary: str,
    *,
    status: PortStatus | None = None,
    number: str | None = None,
) -> None:
    """Write what somebody did; `status` where the project has a new one."""
    await port_history.tell(
        session,
        project,
        actor=actor.display,
        actor_is_staff=actor.is_staff,
        summary=summary,
        status=status,
        number=number,
    )
