"""Numbers that have come over to us become dids, once each; those that have not are FAILED.

A number is ours when the carrier's order says active *and* its inventory has it in use by us and
ported in (decisions 28). Messaging is not: it moves apart from voice, and is said to be pending.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from db import clock, dids, incidents, port_attempts, port_counts, port_numbers, port_projects
from db.audit import Change
from db.ids import new_id
from db.tables import Did, Incident, Operation, PortNumber, PortProject
from numbering.lanes import Lane
from numbering.lifecycle import (
    AuditAction,
    CarrierStatus,
    DidStatus,
    MessagingPortStatus,
    RoutingType,
)
from numbering.porting import PortNumberState, PortStatus
from numbering.telephone import TelephoneNumber
from teliport.inventory import APPLICATION_ID
from teliport.wire import CarrierRecord
from teliport.wire_ports import PortRecord, PortRow
from workflows import intents, port_judging, port_letters, recording
from workflows.intents import Place
from workflows.news_terms import Case, Outcome, Taken

_P, _N = PortStatus, PortNumberState
AT_ONCE = 200
"""So many dids are born in one transaction; the rest in the next."""
_NAMED = 50
_NOT_ACTIVATED = "The carrier could not activate this number."
_CONFLICT = "Another did has this number already. Our staff look into it."
"""Never overwritten and never released by itself (fault matrix, S5b)."""


def is_ours(record: CarrierRecord | None) -> bool:
    """Whether the inventory says that the number has been ported in and is in use by us."""
    return (
        record is not None
        and record.status is CarrierStatus.IN_USE
        and record.application_id == APPLICATION_ID
        and record.ported_in
    )


async def take_in(case: Case, project: PortProject, record: PortRecord) -> Taken:
    """What has become of the numbers; the project is where they are."""
    rows = {row.number: row for row in case.news.rows or ()}
    left = await port_numbers.of_project(case.session, project.id, states=(_N.SUBMITTED, _N.FAILED))
    active = [row for row in left if (theirs := rows.get(_number(row))) and theirs.active]
    arrived = [row for row in active if is_ours(case.news.activated.get(_number(row)))]
    born = await _born(case, project, arrived[:AT_ONCE], rows)
    if len(arrived) > AT_ONCE:
        return project, Outcome.MORE
    failed = [
        row
        for row in left
        if row.state is _N.SUBMITTED and (theirs := rows.get(_number(row))) and theirs.failed
    ]
    await _failed(case, project, failed, rows)
    moved = await _concluded(case, project, record, changed=bool(born or failed))
    if len(active) > len(arrived):
        return moved, Outcome.AGAIN
    changed = born or failed or moved.status is not project.status
    return moved, Outcome.CHANGED if changed else Outcome.NOTHING


def _number(row: PortNumber) -> TelephoneNumber:
    return TelephoneNumber(row.number)


# ── arrived ──────────────────────────────────────────────────────────────────────────────────────
async def _born(
    case: Case,
    project: PortProject,
    arrived: Sequence[PortNumber],
    rows: Mapping[TelephoneNumber, PortRow],
) -> int:
    """A did for each, and a push of its metadata; how many there are now that were not."""
    session = case.session
    if not arrived:
        return 0
    now = await clock.now(session)
    pushes: list[Operation] = []
    changes: list[Change] = []
    born = 0
    for row in arrived:
        at = rows[_number(row)].activated_at or now
        did = await dids.insert(session, _new_did(case, project, row, at))
        standing = did or (await dids.by_numbers(session, [row.number]))[row.number]
        if standing.customer_id != project.customer_id or standing.port_project_id != project.id:
            born += await _in_conflict(case, project, row)
            continue
        await port_numbers.activate(session, project.id, row.number, standing.id, at)
        changes.append(_change(project, row, standing))
        born += 1
        deadline = now + timedelta(seconds=case.services.timings.patience)
        pushes.append(intents.push(standing, case.actor, Place(lane=Lane.BULK), deadline=deadline))
    await recording.begin_all(session, pushes)
    customer_id = project.customer_id
    await recording.note_all(
        session, case.actor, AuditAction.PORT_ACTIVATE, changes, customer_id=customer_id
    )
    return born


def _new_did(case: Case, project: PortProject, row: PortNumber, at: datetime) -> Did:
    """The did as it is born: voice only, without routing, for the price of the list."""
    number = _number(row)
    place = case.news.activated[number].place
    quote = case.services.prices.quote(number.type, number.npa, place.state)
    return Did(
        id=new_id(),
        number=row.number,
        number_type=number.type,
        npa=place.npa,
        nxx=place.nxx,
        locality=place.locality,
        state=place.state,
        lata=place.lata,
        rate_center=place.rate_center,
        time_zone=place.time_zone,
        customer_id=project.customer_id,
        status=DidStatus.ACTIVE,
        voice_enabled=True,
        sms_enabled=False,
        routing_type=RoutingType.NONE,
        messaging_port_status=MessagingPortStatus.PENDING,
        ported=True,
        ported_from=row.losing_carrier or project.losing_carrier,
        ported_at=at,
        port_project_id=project.id,
        monthly_cost=quote.monthly.amount,
        setup_fee=Decimal(0),
        currency=quote.monthly.currency,
        acquired_at=at,
        meta_version=1,
        pushed_version=0,
    )


async def _in_conflict(case: Case, project: PortProject, row: PortNumber) -> int:
    """Staff have to say whose it is; said once."""
    if row.state is _N.FAILED:
        return 0
    error = port_judging.plain_error(_CONFLICT)
    await port_numbers.judge_all(case.session, project.id, {row.number: (_N.FAILED, [error])})
    await incidents.open_one(
        case.session,
        Incident(
            customer_id=project.customer_id,
            number=row.number,
            summary=f"{row.number} was ported in and is another did already (project {project.id})",
        ),
    )
    return 1


def _change(project: PortProject, row: PortNumber, did: Did) -> Change:
    """For the audit trail."""
    after = {
        "status": did.status.value,
        "didId": str(did.id),
        "portedFrom": did.ported_from,
        "projectId": str(project.id),
    }
    return Change(row.number, {"state": row.state.value}, after)


# ── not arrived ──────────────────────────────────────────────────────────────────────────────────
async def _failed(
    case: Case,
    project: PortProject,
    failed: Sequence[PortNumber],
    rows: Mapping[TelephoneNumber, PortRow],
) -> None:
    found: dict[str, tuple[PortNumberState, list[Mapping[str, Any]]]] = {}
    for row in failed:
        errors = port_judging.errors_of(rows[_number(row)].errors)
        found[row.number] = _N.FAILED, errors or [port_judging.plain_error(_NOT_ACTIVATED)]
    await port_numbers.judge_all(case.session, project.id, found)
    for row in failed[:_NAMED]:
        message = found[row.number][1][0]["message"]
        await case.tell(project, f"Not activated: {message}", moved=False, number=row.number)


# ── where the project is ─────────────────────────────────────────────────────────────────────────
async def _concluded(
    case: Case, project: PortProject, record: PortRecord, *, changed: bool
) -> PortProject:
    session = case.session
    counts = (await port_counts.counts_of(session, [project.id]))[project.id]
    status = _P.ACTIVATING
    if not counts.submitted and not counts.failed:
        status = _P.COMPLETE
    elif not counts.submitted:
        status = _P.PARTIAL
    if status is project.status and not changed:
        return project
    ended = status is _P.COMPLETE
    moved = await port_projects.move(
        session,
        project,
        status,
        foc_date=record.foc_date or project.foc_date,
        completed_at=await clock.now(session) if ended else None,
    )
    active = f"{counts.active} of {counts.total} numbers active"
    summary = active if counts.active else "Activation has begun"
    await case.tell(moved, summary, moved=status is not project.status)
    if ended:
        await port_attempts.end_attempt(session, project.id, project.attempt, _P.COMPLETE)
    if status in {_P.PARTIAL, _P.COMPLETE}:
        await port_letters.complete(session, moved, counts)
    return moved
