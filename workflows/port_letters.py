"""What the notices of a port say: the facts of each, and the occasion that makes it once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from db import port_numbers
from db.port_counts import PortCounts
from db.tables import PortProject
from numbering import foc as calendar
from numbering import port_codes
from numbering.notices import NoticeKind
from numbering.port_codes import Rejection
from numbering.porting import PortNumberState
from numbering.telephone import TelephoneNumber
from workflows import notices

if TYPE_CHECKING:
    from datetime import datetime


async def rejected(session: AsyncSession, project: PortProject, said: Rejection) -> None:
    """The order was rejected; `project` is as it was before."""
    facts = {
        "code": said.code.value,
        "carrierCode": said.carrier_code,
        "message": said.message,
        "whatToDo": port_codes.what_to_do(said.code),
        "numbers": list(said.numbers),
    }
    occasion = f"rejected:{project.attempt}"
    await _announce(session, NoticeKind.PORT_REJECTED, project, occasion, facts)


async def foc(session: AsyncSession, kind: NoticeKind, project: PortProject) -> None:
    """The day is set (PORT_FOC_SET) or near (PORT_FOC_NEAR)."""
    assert project.foc_date is not None  # noqa: S101  checked by the callers
    zones = await zones_of(session, project)
    zone = calendar.westernmost(zones, calendar.activation_at(project.foc_date, zones))
    facts = {
        "focDate": project.foc_date.isoformat(),
        "activation": _local(calendar.activation_at(project.foc_date, zones), zone),
        "cancelUntil": _local(calendar.cancel_until(project.foc_date, zones), zone),
    }
    occasion = f"{kind.value}:{project.attempt}:{project.foc_date}"
    await _announce(session, kind, project, occasion, facts)


async def complete(session: AsyncSession, project: PortProject, counts: PortCounts) -> None:
    """All that will come over have come over."""
    failed = await port_numbers.of_project(session, project.id, states=(PortNumberState.FAILED,))
    facts = {
        "active": counts.active,
        "total": counts.total,
        "failed": [row.number for row in failed],
    }
    occasion = f"complete:{project.attempt}:{counts.active}"
    await _announce(session, NoticeKind.PORT_COMPLETE, project, occasion, facts)


async def zones_of(session: AsyncSession, project: PortProject) -> tuple[str, ...]:
    """The time zones of a project's numbers."""
    numbers = await port_numbers.numbers_of(session, project.id)
    return calendar.zones_of(TelephoneNumber(number) for number in numbers)


def _local(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %Z") + f" ({zone})"


async def _announce(
    session: AsyncSession,
    kind: NoticeKind,
    project: PortProject,
    occasion: str,
    facts: dict[str, Any],
) -> None:
    about = {"project": project.name, "projectId": str(project.id)}
    await notices.announce(
        session, kind, project.customer_id, f"port:{project.id}:{occasion}", about | facts
    )
