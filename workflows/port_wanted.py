"""What somebody wants of the carrier and no operation has done yet: `PortProject.wanted`.

It is written here, read here, and copied into the request of the operation that does it: so its
keys are spelled nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import port_numbers, port_projects
from numbering.porting import PortStatus
from numbering.telephone import TelephoneNumber

if TYPE_CHECKING:
    from db.tables import PortProject


class Want(StrEnum):
    """What is wanted. To be told of edits is not: that is seen from the versions of the rows."""

    SUBMIT = "SUBMIT"
    CANCEL = "CANCEL"
    ACTIVATE = "ACTIVATE"


_KIND, _FOC_DATE, _REASON, _BEFORE, _NUMBERS = "kind", "foc_date", "reason", "from", "numbers"
Request = Mapping[str, Any]
"""That of an operation, with what was wanted in it."""


def submission(foc_date: date) -> dict[str, Any]:
    """To be submitted for this day."""
    return {_KIND: Want.SUBMIT.value, _FOC_DATE: foc_date.isoformat()}


def cancellation(reason: str, before: PortStatus) -> dict[str, Any]:
    """To be cancelled; `before` is where the project goes back to if the carrier refuses."""
    return {_KIND: Want.CANCEL.value, _REASON: reason, _BEFORE: before.value}


def activation(numbers: Collection[str]) -> dict[str, Any]:
    """These numbers, in E.164, to be activated."""
    return {_KIND: Want.ACTIVATE.value, _NUMBERS: list(numbers)}


def of(project: PortProject) -> Want | None:
    """What is wanted of a project; None for nothing."""
    return None if project.wanted is None else Want(project.wanted[_KIND])


def details(project: PortProject) -> dict[str, Any]:
    """What goes into the operation's request; its kind says the rest."""
    return {name: value for name, value in (project.wanted or {}).items() if name != _KIND}


def foc_date(request: Request) -> date:
    """The day of a submission."""
    return date.fromisoformat(request[_FOC_DATE])


def reason(request: Request) -> str:
    """Why a project is cancelled."""
    return str(request[_REASON])


def before(request: Request) -> PortStatus:
    """Where a project was that is being cancelled."""
    return PortStatus(request[_BEFORE])


def numbers(request: Request) -> tuple[TelephoneNumber, ...]:
    """What is to be activated."""
    return tuple(TelephoneNumber(each) for each in request[_NUMBERS])


async def drop(session: AsyncSession, project: PortProject) -> PortProject:
    """Nothing is wanted any more of a locked project, and its numbers are free for others."""
    await port_numbers.release(session, project.id)
    dropped = await port_projects.change(session, project.id, wanted=None)
    assert dropped is not None  # noqa: S101  it is locked
    return dropped
