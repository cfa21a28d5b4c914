"""The watchdog: projects that need somebody to look at them, as a list that staff work off.

It judges every open project about once a minute, by dates and by how long nothing has happened; and
it reminds customers of the day on which their numbers move, a business day before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, port_attempts, port_documents, port_numbers, port_projects
from db.engine import Database
from db.tables import PortDocument, PortProject
from numbering import foc, port_stalls
from numbering.actors import Scope
from numbering.foc import FocRules
from numbering.notices import NoticeKind
from numbering.port_stalls import Stall
from numbering.porting import PortStatus
from numbering.telephone import TelephoneNumber
from workflows import port_letters

if TYPE_CHECKING:
    from workflows.wiring import Services

EVERY = timedelta(seconds=60)
PAGE = 100
_judged_at: WeakKeyDictionary[Database, datetime] = WeakKeyDictionary()


async def judge_due(services: Services) -> int:
    """Judge all open projects if that is due; returns of how many it is different from before.

    The sweeper's duty.
    """
    async with services.workshop.read(Scope.worker()) as reader:
        now = await clock.now(reader)
    last = _judged_at.get(services.workshop)
    if last is not None and timedelta(0) <= now - last < EVERY:
        return 0
    _judged_at[services.workshop] = now
    changed, after = await _page(services, None)
    while after is not None:
        found, after = await _page(services, after)
        changed += found
    return changed


async def _page(services: Services, after: UUID | None) -> tuple[int, UUID | None]:
    async def work(session: AsyncSession) -> tuple[int, UUID | None]:
        projects = await port_projects.to_judge(session, after, PAGE)
        letters = await port_documents.latest_loa(session, [each.id for each in projects])
        now = await clock.now(session)
        changed = 0
        for project in projects:
            changed += await _judge(session, project, letters, now, services.foc_rules)
        return changed, projects[-1].id if len(projects) == PAGE else None

    return await services.workshop.transact(Scope.worker(), work)


async def _judge(
    session: AsyncSession,
    project: PortProject,
    letters: Mapping[UUID, PortDocument],
    now: datetime,
    rules: FocRules,
) -> bool:
    zones = foc.zones_of(
        TelephoneNumber(number) for number in await port_numbers.numbers_of(session, project.id)
    )
    letter = letters.get(project.id)
    stall = port_stalls.judge(
        status=project.status,
        status_since=project.status_since,
        now=now,
        zones=zones,
        foc_date=project.foc_date or await _asked_for(session, project),
        loa_signed_on=letter.signed_on if letter else None,
        submitted_at=project.submitted_at,
        rules=rules,
    )
    await _remind(session, project, zones, now, rules)
    return await _mark(session, project, stall)


async def _asked_for(session: AsyncSession, project: PortProject) -> date | None:
    """The day that the current order asks for."""
    attempts = (await port_attempts.attempts_of(session, [project.id])).get(project.id, ())
    return attempts[-1].foc_date if attempts else None


async def _mark(session: AsyncSession, project: PortProject, stall: Stall | None) -> bool:
    """Written only when it is another stall than before; the project itself has not changed."""
    kind = None if stall is None else stall.kind
    if kind is project.stall_kind:
        return False
    since = None if stall is None else stall.since
    await port_projects.change(session, project.id, stall_kind=kind, stall_since=since)
    return True


async def _remind(
    session: AsyncSession,
    project: PortProject,
    zones: Sequence[str],
    now: datetime,
    rules: FocRules,
) -> None:
    """PORT_FOC_NEAR on the business day before; its occasion makes it once."""
    if project.status is not PortStatus.FOC_ASSIGNED or project.foc_date is None:
        return
    today = now.astimezone(ZoneInfo(foc.westernmost(zones, now))).date()
    if today < project.foc_date <= foc.business_days_after(today, 1, rules):
        await port_letters.foc(session, NoticeKind.PORT_FOC_NEAR, project)
