"""What the carrier says of a port project: asked for here, and made ours by one function.

Polls and deliveries come in any order, repeated, late or not at all. So neither is believed for
what it says happened: the carrier is read, and `take_in` brings our rows to what it says now, never
back. Doing it twice does nothing the second time (invariant I12; ADR 0048).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import port_counts, port_projects
from db.tables import PortProject
from numbering.actors import Actor
from numbering.lanes import Lane
from numbering.telephone import TelephoneNumber
from teliport.wire import CarrierRecord
from teliport.wire_ports import PortRow
from workflows import port_judging, port_outcomes, port_progress, port_watching
from workflows.news_terms import WATCHED, Case, News, Outcome, told_by

if TYPE_CHECKING:
    from workflows.wiring import Services

__all__ = ["WATCHED", "News", "Outcome", "gather", "take_in"]

_ASKED_AT_ONCE = 500


async def gather(
    services: Services,
    carrier_id: str,
    *,
    lane: Lane,
    rows: bool,
    known: Collection[str] = (),
) -> News:
    """Read a project; with `rows` its numbers too, and the inventory for those not `known` active.

    What a check has come to is asked before the numbers: these are then at least as new.
    Raises TeliportError.
    """
    portability, wait = services.teliport.portability, services.timings.bulk_send_wait
    record = await portability.project(carrier_id, lane=lane, wait=wait)
    progress = None
    if told_by(record) is None:
        progress = await portability.progress(carrier_id, lane=lane, wait=wait)
    if not rows:
        return News(record=record, progress=progress)
    found = await portability.rows(carrier_id, lane=lane, wait=wait)
    activated = await _records(services, found, known, lane)
    return News(record=record, progress=progress, rows=found, activated=activated)


async def _records(
    services: Services, rows: Iterable[PortRow], known: Collection[str], lane: Lane
) -> Mapping[TelephoneNumber, CarrierRecord]:
    """A number is ours when the inventory says so, not when the order does (decisions 28)."""
    told: dict[TelephoneNumber, CarrierRecord] = {}
    wanted = [row.number for row in rows if row.active and row.number not in known]
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        told |= await services.teliport.inventory.get_many(
            wanted[start : start + _ASKED_AT_ONCE], lane=lane, wait=services.timings.bulk_send_wait
        )
    return told


async def take_in(
    session: AsyncSession,
    services: Services,
    project: PortProject,
    news: News,
    *,
    cause: str,
    actor: Actor,
) -> Outcome:
    """Bring our rows to what the carrier says, with history, progress and notices.

    Locks the project. `cause` says how we know ("poll" or the type of a delivery). MORE: call it
    again with the same news; AGAIN: ask the carrier again before long.
    """
    before = await port_projects.locked(session, project.id)
    assert before is not None  # noqa: S101  projects are never deleted
    seen = await _standing(session, before)
    case = Case(session, services, news, actor, cause)
    current = await _heard(session, before)
    current, judged = await port_judging.judge(case, current)
    current, outcome = await port_outcomes.take_in(case, current)
    if await _standing(session, current) != seen:
        current = await port_progress.tell(session, current)
    if before.status in WATCHED and current.status not in WATCHED:
        await port_watching.hurry(session, current)  # it finds out soon that it may end
    return Outcome.CHANGED if judged and outcome is Outcome.NOTHING else outcome


async def _heard(session: AsyncSession, project: PortProject) -> PortProject:
    """The carrier is there."""
    if not project.stale:
        return project
    heard = await port_projects.change(session, project.id, stale=False)
    assert heard is not None  # noqa: S101  locked
    return heard


async def _standing(session: AsyncSession, project: PortProject) -> tuple[object, ...]:
    """What those who watch see, without when."""
    counts = await port_counts.counts_of(session, [project.id])
    told = port_progress.payload(project, counts[project.id])
    return tuple(value for key, value in told.items() if key not in {"updatedAt", "sequence"})
