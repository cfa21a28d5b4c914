"""Beginning a port project, and changing its own fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, customers, port_numbers, port_projects
from db.ids import new_id
from db.port_projects import PortFilter
from db.tables import PortNumber, PortProject
from numbering import foc
from numbering.actors import Actor
from numbering.lifecycle import AuditAction
from numbering.porting import OPEN
from numbering.refusals import FocDateNotAllowed, LimitExceeded, NotFound
from numbering.telephone import TelephoneNumber
from workflows import (
    accepting,
    port_access,
    port_history_lines,
    port_progress,
    port_pursuit,
    port_texts,
)
from workflows.accepted import Accepted
from workflows.port_commands import CreatePortProject, UpdatePortProject

if TYPE_CHECKING:
    from datetime import datetime

    from workflows.wiring import Services

WISH = "requestedFocDate"


async def create(services: Services, actor: Actor, command: CreatePortProject) -> Accepted:
    """Begin a project; the carrier is told of it without anybody waiting for that."""

    async def work(session: AsyncSession) -> Accepted:
        columns = port_texts.tidy(
            {
                "name": command.name,
                "description": command.description,
                "losing_carrier": command.losing_carrier,
                "authorized_person": command.authorized_person,
                "authorized_title": command.authorized_title,
            }
        )
        if command.customer_id not in await customers.by_ids(session, [command.customer_id]):
            raise NotFound("customer", path=("customerId",))
        await _check_room(session, command.customer_id, services.port_limits.max_open_projects)
        now = await clock.now(session)
        wish = command.requested_foc_date
        _check_wish(services, wish, now, ())
        columns["requested_foc_date"] = wish
        project = await port_projects.insert(
            session,
            PortProject(
                id=new_id(),
                customer_id=command.customer_id,
                created_by=actor.public_name,
                **columns,
            ),
        )
        await _note(session, actor, project, {}, columns)
        await port_history_lines.tell(session, project, actor, "Created", status=project.status)
        await port_progress.tell(session, project)
        begun = await port_pursuit.pursue(session, project, actor, now, services.timings)
        return port_access.accepted(project, begun)

    return await accepting.once(
        services, actor, "createPortProject", command, work, customer_id=command.customer_id
    )


async def update(services: Services, actor: Actor, command: UpdatePortProject) -> Accepted:
    """Change the fields that were named; the carrier is told when its turn comes."""

    async def work(session: AsyncSession) -> Accepted:
        columns = port_texts.tidy(command.changes)
        project = await port_access.editable(session, command.project_id)
        now = await clock.now(session)
        changed = {name: new for name, new in columns.items() if getattr(project, name) != new}
        if not changed:
            return port_access.accepted(project)
        if "requested_foc_date" in changed:
            rows = await port_numbers.of_project(session, project.id)
            _check_wish(services, changed["requested_foc_date"], now, rows)
        before = {name: getattr(project, name) for name in changed}
        row = await port_projects.change(
            session, project.id, **changed, version=project.version + 1
        )
        assert row is not None  # noqa: S101  it is locked
        await _note(session, actor, row, before, changed)
        names = ", ".join(sorted(name.replace("_", " ") for name in changed))
        await port_history_lines.tell(session, row, actor, f"Changed: {names}")
        begun = await port_pursuit.pursue(session, row, actor, now, services.timings)
        return port_access.accepted(row, begun)

    return await accepting.once(services, actor, "updatePortProject", command, work)


async def _check_room(session: AsyncSession, customer_id: UUID, most: int) -> None:
    """LimitExceeded for who has so many open projects that nobody can be working on them."""
    mine = PortFilter(customer_id=customer_id, statuses=tuple(OPEN))
    if await port_projects.count(session, mine) >= most:
        message = f"At most {most} port projects may be open. Cancel those that are not needed."
        raise LimitExceeded(most, message=message, path=("customerId",))


def _check_wish(
    services: Services, wish: date | None, now: datetime, rows: Collection[PortNumber]
) -> None:
    """A wished day must be one that is possible as things stand; FocDateNotAllowed if not."""
    if wish is None:
        return
    zones = foc.zones_of(TelephoneNumber(row.number) for row in rows)
    spids = spids_of(rows)
    try:
        foc.check(wish, now=now, zones=zones, spids=spids, rules=services.foc_rules)
    except FocDateNotAllowed as refusal:
        refusal.path = (WISH,)
        raise


async def _note(
    session: AsyncSession,
    actor: Actor,
    project: PortProject,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    # There is no action of its own for a change of fields: it is part of setting a project up.
    action = AuditAction.PORT_FIX if before else AuditAction.PORT_CREATE
    await port_access.note(
        session, actor, action, project, before=_plain(before), after=_plain(after)
    )


def _plain(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, date) else value for name, value in columns.items()
    }


def spids_of(rows: Collection[PortNumber]) -> frozenset[str]:
    """The losing carriers, as far as they are known by SPID."""
    return frozenset(row.losing_spid for row in rows if row.losing_spid is not None)
