"""What the carrier says of a project, taken in by one function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from numbering.actors import Actor
from numbering.lanes import Lane
from numbering.telephone import TelephoneNumber
from teliport.wire import CarrierRecord

if TYPE_CHECKING:
    from db.tables.ports import PortProject
    from workflows.wiring import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One look at the carrier."""

    record: Any
    progress: Any | None
    rows: tuple[Any, ...] | None
    activated: Mapping[TelephoneNumber, CarrierRecord]
    occurred_at: datetime | None


async def gather(services: Services, carrier_id: str, *, lane: Lane, rows: bool) -> News:
    """Ask the carrier."""
    raise NotImplementedError


async def take_in(
    session: AsyncSession,
    services: Services,
    project: PortProject,
    news: News,
    cause: str,
    actor: Actor,
) -> str:
    """Make it ours; what came of it in a word."""
    raise NotImplementedError
