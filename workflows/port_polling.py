"""One durable poller for each project."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from numbering.actors import Actor

if TYPE_CHECKING:
    from db.tables import Operation
    from db.tables.ports import PortProject
    from workflows.wiring import Services


async def watch(session: AsyncSession, project: PortProject, actor: Actor, now: datetime) -> None:
    """See that a project is looked at from now on, soon."""


async def carry(services: Services, operation: Operation) -> float | None:
    """One look at the carrier."""
    return None


async def watch_due(services: Services) -> int:
    """The sweeper's duty."""
    return 0
