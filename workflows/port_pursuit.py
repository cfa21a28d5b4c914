"""What comes next for a port project: the one operation that its rows ask for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Operation, PortProject
from numbering.actors import Actor

if TYPE_CHECKING:
    from workflows.timings import Timings


async def pursue(
    session: AsyncSession, project: PortProject, actor: Actor, now: datetime, timings: Timings
) -> Operation | None:
    """Begin the operation that is next for a project; None when there is none, or one is live."""
    raise NotImplementedError
