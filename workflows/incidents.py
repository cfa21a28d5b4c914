"""Staff's decisions on dead letters (decisions 18): carry it again, or call it settled."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, dids, incidents, operations, reservations
from db.tables import Incident, Operation
from numbering.actors import Actor
from numbering.lifecycle import (
    INCIDENT_MOVES,
    AuditAction,
    OperationKind,
    OperationState,
    ReservationItemState,
)
from numbering.refusals import Conflict, NotFound, WrongState
from workflows import accepting, intents, port_given_up, recording, requested
from workflows.accepted import Accepted
from workflows.commands import ResolveIncident, RetryIncident

if TYPE_CHECKING:
    from workflows.timings import Timings
    from workflows.wiring import Services

LONGEST_TEXT = 1000
_Item = ReservationItemState
SETTLED_BY_HAND = Conflict("This was settled by our staff. Look at the number again.")


async def retry(services: Services, actor: Actor, command: RetryIncident) -> Accepted:
    """Carry the operation of an OPEN incident again, from its durable mark."""

    async def work(session: AsyncSession) -> Accepted:
        reason = requested.text(command.reason, LONGEST_TEXT, "reason", required=True)
        incident = await _found(session, command)
        if incident.operation_id is None:
            raise WrongState(incident.state, message=_NO_OPERATION, path=("incidentId",))
        if await incidents.retrying(session, incident.id) is None:
            raise WrongState(
                incident.state, sorted(INCIDENT_MOVES[incident.state]), path=("incidentId",)
            )
        deadline = await clock.now(session) + timedelta(seconds=services.timings.patience)
        revived = await operations.revive(session, incident.operation_id, deadline=deadline)
        if revived is not None:
            await recording.enqueue(session, [revived])
        await _note(session, actor, AuditAction.INCIDENT_RETRY, incident, reason)
        return Accepted(incident_id=incident.id, operation_ids=(incident.operation_id,))

    return await accepting.once(services, actor, "retryIncident", command, work)


_NO_OPERATION = "This incident is about the platform; resolve it once that is put right."


async def resolve(services: Services, actor: Actor, command: ResolveIncident) -> Accepted:
    """Close an incident; its operation ends, and gives up its lock on the number."""

    async def work(session: AsyncSession) -> Accepted:
        resolution = requested.text(command.resolution, LONGEST_TEXT, "resolution", required=True)
        incident = await _found(session, command)
        closed = await incidents.resolve(
            session, incident.id, by=actor.display, resolution=resolution
        )
        if closed is None:
            raise WrongState(incident.state, path=("incidentId",))
        if incident.operation_id is not None:
            await _end(session, incident, actor, services.timings)
        await _note(session, actor, AuditAction.INCIDENT_RESOLVE, incident, resolution)
        return Accepted(incident_id=incident.id)

    return await accepting.once(services, actor, "resolveIncident", command, work)


async def _found(session: AsyncSession, command: RetryIncident | ResolveIncident) -> Incident:
    found = await incidents.by_ids(session, [command.incident_id])
    if command.incident_id not in found:
        raise NotFound("incident", path=("incidentId",))
    return found[command.incident_id]


async def _end(session: AsyncSession, incident: Incident, actor: Actor, timings: Timings) -> None:
    """End the operation, if it is still the staff's, and bring the rows in line with that."""
    assert incident.operation_id is not None  # noqa: S101  checked by the caller
    ended = await operations.give_up(
        session, incident.operation_id, OperationState.FAILED, error=SETTLED_BY_HAND.as_json()
    )
    if ended is None:
        return
    if ended.kind in {OperationKind.NUMBER_HOLD, OperationKind.NUMBER_ASSIGN}:
        await _fail_item(session, ended)
    elif ended.kind is OperationKind.METADATA_PUSH:
        await _accept_metadata(session, ended)
    elif ended.kind_group == operations.PORT:
        await port_given_up.settle(session, ended, actor, timings)
    # A release needs nothing: while the did is RELEASING the sweeper asks the carrier once more.


async def _fail_item(session: AsyncSession, ended: Operation) -> None:
    item = await reservations.settle_item(
        session,
        intents.uuid_of(ended, "item_id"),
        (_Item.PENDING, _Item.ASSIGNING, _Item.PENDING_CONFIRMATION),
        _Item.FAILED,
        error=SETTLED_BY_HAND.as_json(),
    )
    if item is not None:
        await reservations.recompute(session, item.reservation_id)


async def _accept_metadata(session: AsyncSession, ended: Operation) -> None:
    """The carrier's copy was put right by hand; else the sweeper would push, and fail, for ever."""
    did_id = intents.uuid_of(ended, "did_id")
    did = (await dids.by_ids(session, [did_id]))[did_id]
    await dids.set_pushed(session, did_id, did.meta_version)


async def _note(
    session: AsyncSession, actor: Actor, action: AuditAction, incident: Incident, reason: str
) -> None:
    await recording.note(
        session,
        actor,
        action,
        customer_id=incident.customer_id,
        number=incident.number,
        reason=reason,
        operation_id=incident.operation_id,
    )
