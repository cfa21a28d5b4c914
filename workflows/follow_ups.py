"""What comes next when an operation has ended: releases of the rest, and pushes of newer settings.

Rows say what is wanted (a RELEASING did, a version not yet pushed, a hold that nobody wants any
more); an operation is made for it as soon as the number's lock is free. The sweeper does the same
for whatever was missed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import dids, reservations
from db.tables import Did, Operation, Reservation
from numbering.actors import Actor
from numbering.lanes import Lane
from numbering.lifecycle import DidStatus, OnPartialAssign, OnPartialHold, ReservationItemState
from workflows import intents, recording
from workflows.intents import Place
from workflows.timings import Timings

_State = ReservationItemState
_UNSETTLED = frozenset({_State.PENDING, _State.ASSIGNING, _State.PENDING_CONFIRMATION})


async def for_did(
    session: AsyncSession, did_id: UUID, actor: Actor, now: datetime, timings: Timings
) -> None:
    """A release for a RELEASING did, or a push for one whose metadata is old."""
    did = (await dids.by_ids(session, [did_id]))[did_id]
    await for_row(session, did, actor, now, timings)


async def for_row(
    session: AsyncSession, did: Did, actor: Actor, now: datetime, timings: Timings
) -> Operation | None:
    """The same for a row at hand; the operation if one was made."""
    deadline = now + timedelta(seconds=timings.patience)
    place = Place(lane=Lane.BULK)
    if did.status is DidStatus.RELEASING:
        operation = intents.release_did(did, actor, place, deadline=deadline)
    elif did.status is DidStatus.ACTIVE and did.meta_version > did.pushed_version:
        operation = intents.push(did, actor, place, deadline=deadline)
    else:
        return None
    return await recording.begin(session, operation)


async def after_hold(
    session: AsyncSession, operation: Operation, cart: Reservation, deadline: datetime
) -> None:
    """ROLLBACK: once all items of a cart are settled and one has failed, give the others back."""
    if operation.request.get("unwanted"):
        await _release(session, operation, cart, deadline, only=operation.subject)
    elif cart.on_partial is OnPartialHold.ROLLBACK:
        await _release(session, operation, cart, deadline)


async def after_assign(
    session: AsyncSession, operation: Operation, cart: Reservation, deadline: datetime
) -> None:
    """RELEASE_REST: once nothing is under way and one has failed, give the remaining holds back."""
    if operation.request.get("on_partial") == OnPartialAssign.RELEASE_REST:
        await _release(session, operation, cart, deadline)


async def _release(
    session: AsyncSession,
    operation: Operation,
    cart: Reservation,
    deadline: datetime,
    *,
    only: str | None = None,
) -> None:
    items = (await reservations.items_of(session, [cart.id])).get(cart.id, ())
    states = {item.state for item in items}
    if only is None and (states & _UNSETTLED or _State.FAILED not in states):
        return
    actor, place = intents.actor_of(operation), Place(lane=operation.lane)
    for item in items:
        if item.state is _State.HELD and only in {None, item.number}:
            release = intents.release_hold(item, actor, place, deadline=deadline)
            await recording.begin(session, release)
