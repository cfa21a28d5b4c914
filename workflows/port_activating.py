"""Staff: having numbers activated, on the day or after a part of them was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, port_numbers, port_projects
from db.tables import PortNumber, PortProject
from numbering.actors import Actor
from numbering.lifecycle import AuditAction
from numbering.porting import PortNumberState, PortStatus
from numbering.refusals import FocDateNotAllowed, Invalid, WrongState
from workflows import (
    accepting,
    outcomes,
    port_access,
    port_days,
    port_pursuit,
    port_wanted,
    requested,
)
from workflows.accepted import Accepted
from workflows.port_commands import ActivatePortNumbers
from workflows.port_editing import rows_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from workflows.wiring import Services

_ON_THE_DAY = frozenset({PortStatus.FOC_ASSIGNED})
_BEGUN = frozenset({PortStatus.ACTIVATING, PortStatus.PARTIAL})
_LEFT = frozenset({PortNumberState.SUBMITTED, PortNumberState.FAILED})


async def activate(services: Services, actor: Actor, command: ActivatePortNumbers) -> Accepted:
    """Ask the carrier to activate numbers now; its news bring the dids."""

    async def work(session: AsyncSession) -> Accepted:
        project = await port_access.found(session, command.project_id)
        port_access.check_state(project, _ON_THE_DAY | _BEGUN)
        now = await clock.now(session)
        rows = await _rows(services, session, project, command)
        _check_day(project, rows, now)
        numbers = sorted(row.number for row in rows)
        facts = {"numbers": numbers}
        await port_access.note(session, actor, AuditAction.PORT_ACTIVATE, project, after=facts)
        wanted = port_wanted.activation(numbers)
        changed = await port_projects.change(session, project.id, wanted=wanted)
        assert changed is not None  # noqa: S101  it is locked
        begun = await port_pursuit.pursue(session, changed, actor, now, services.timings)
        return port_access.accepted(project, begun)

    accepted = await accepting.once(services, actor, "activatePortNumbers", command, work)
    ended = await outcomes.settled(services, actor, accepted.operation_ids)
    refusals = outcomes.refusals(services, ended, {}, default=port_access.PATH)
    return accepted.with_refusals(refusals)


async def _rows(
    services: Services, session: AsyncSession, project: PortProject, command: ActivatePortNumbers
) -> Collection[PortNumber]:
    """Those named, or all that are left; each must be one that is left."""
    if command.port_number_ids is None:
        rows = await port_numbers.of_project(session, project.id, states=_LEFT)
        if not rows:
            raise Invalid("All numbers of the project are activated.", path=port_access.PATH)
        return rows
    most = services.port_limits.max_rows
    asked = requested.ids(command.port_number_ids, most, "portNumberIds")
    named = await rows_of(session, project, asked)
    for row in named.values():
        if row.state not in _LEFT:
            asked.refuse(row.id, WrongState(row.state))
    if asked.refusals:
        raise accepting.Several(asked.refusals)
    return named.values()


def _check_day(project: PortProject, rows: Collection[PortNumber], now: datetime) -> None:
    """FocDateNotAllowed before the day that the losing carrier has confirmed."""
    day = project.foc_date
    early = day is not None and port_days.today(now, (row.number for row in rows)) < day
    if project.status in _ON_THE_DAY and early:
        message = f"Numbers can be activated from {day} on, the day that was confirmed."
        raise FocDateNotAllowed((), day, message=message, path=port_access.PATH)
