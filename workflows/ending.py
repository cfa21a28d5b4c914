"""What the end of an operation changes in our own rows, for each kind; part of one transaction.

`Case` is an operation that its worker still holds. Each kind has `succeeded` and `failed`; both run
after the operation's row was settled, so the lock on the number is free for a follow-up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import dids, reservations
from db.tables import Did, Operation, Reservation, ReservationItem
from numbering.lifecycle import (
    AuditAction,
    DidStatus,
    OperationKind,
    ReservationItemState,
    RoutingType,
)
from numbering.refusals import (
    CarrierUnavailable,
    HoldExpired,
    NumberUnavailable,
    RateLimited,
    Refusal,
)
from workflows import follow_ups, intents, purchases, recording
from workflows.saga_terms import Failure, Sight, Target

if TYPE_CHECKING:
    from workflows.timings import Timings

_Item = ReservationItemState
_HOLDING = (_Item.PENDING, _Item.PENDING_CONFIRMATION)
_ASSIGNING = (_Item.ASSIGNING, _Item.PENDING_CONFIRMATION)


class Taken(Exception):
    """The number we were just assigned has a live did already (fault matrix, S5b)."""


@dataclass(frozen=True, slots=True)
class Case:
    """An operation at its end; `sent_at` is when its write was sent, `version` what was pushed."""

    operation: Operation
    now: datetime
    timings: Timings
    sent_at: datetime | None = None
    version: int = 0

    @property
    def patience(self) -> datetime:
        """The deadline of what follows from it."""
        return self.now + timedelta(seconds=self.timings.patience)


def refusal_of(operation: Operation, failure: Failure) -> Refusal:
    """The lawful no that the customer gets."""
    if failure is Failure.HOLD_LOST:
        return HoldExpired()
    if failure is Failure.UNAVAILABLE:
        return NumberUnavailable(operation.subject)
    if failure is Failure.WITHDRAWN:
        return HoldExpired("The hold was given back before it was placed.")
    # Waited for the budget and never got to send: that is a matter of our own limit.
    return CarrierUnavailable() if operation.attempt else RateLimited()


async def _recomputed(session: AsyncSession, item: ReservationItem) -> Reservation:
    cart = await reservations.recompute(session, item.reservation_id)
    assert cart is not None  # noqa: S101  an item's cart is kept as long as the item
    return cart


# ── holds ────────────────────────────────────────────────────────────────────────────────────────
async def _held(session: AsyncSession, case: Case, sight: Sight | None) -> None:
    assert sight is not None  # noqa: S101  a hold succeeds by a record only
    changes = {"held_at": case.now, "expires_at": _deadline(case, sight), **_place(sight)}
    item = await reservations.settle_item(
        session, intents.uuid_of(case.operation, "item_id"), _HOLDING, _Item.HELD, **changes
    )
    assert item is not None and item.expires_at is not None  # noqa: S101, PT018  we hold its lock
    cart = await _recomputed(session, item)
    await recording.note_of(
        session,
        case.operation,
        AuditAction.HOLD,
        before={"state": _Item.PENDING},
        after={"state": _Item.HELD, "expiresAt": item.expires_at.isoformat()},
    )
    await follow_ups.after_hold(session, case.operation, cart, case.patience)


def _deadline(case: Case, sight: Sight) -> datetime:
    """A minute before the carrier's, because an assign names no holder (decisions 6)."""
    timings = case.timings
    ours = (case.sent_at or case.now) + timedelta(seconds=timings.hold_length)
    ends = min(sight.reserved_until or ours, ours)
    return ends - timedelta(seconds=timings.hold_margin)


def _place(sight: Sight) -> dict[str, Any]:
    known = {
        "locality": sight.place.locality,
        "state_code": sight.place.state,
        "lata": sight.place.lata,
        "rate_center": sight.place.rate_center,
        "time_zone": sight.place.time_zone,
    }
    return {name: value for name, value in known.items() if value is not None}


async def _not_held(session: AsyncSession, case: Case, failure: Failure) -> None:
    withdrawn = failure is Failure.WITHDRAWN
    error = None if withdrawn else refusal_of(case.operation, failure).as_json()
    item = await reservations.settle_item(
        session,
        intents.uuid_of(case.operation, "item_id"),
        _HOLDING,
        _Item.RELEASED if withdrawn else _Item.FAILED,
        error=error,
    )
    assert item is not None  # noqa: S101  we hold its lock
    cart = await _recomputed(session, item)
    await follow_ups.after_hold(session, case.operation, cart, case.patience)


# ── assigns ──────────────────────────────────────────────────────────────────────────────────────
async def _assigned(session: AsyncSession, case: Case, _sight: Sight | None) -> None:
    operation = case.operation
    item_id = intents.uuid_of(operation, "item_id")
    item = (await reservations.items_by_ids(session, [item_id]))[item_id]
    did = await dids.insert(session, new_did(operation, item, case.now))
    if did is None:
        raise Taken
    await reservations.settle_item(
        session, item_id, _ASSIGNING, _Item.ASSIGNED, did_id=did.id, error=None
    )
    cart = await _recomputed(session, item)
    await recording.note_of(
        session,
        operation,
        AuditAction.ASSIGN,
        before={"state": _Item.ASSIGNING},
        after={"status": did.status, "didId": str(did.id), **operation.request["settings"]},
    )
    await follow_ups.after_assign(session, operation, cart, case.patience)
    await purchases.announce(session, operation, cart)


def new_did(operation: Operation, item: ReservationItem, now: datetime) -> Did:
    """The did that an assign operation brings into being, from its item and settings."""
    settings: Mapping[str, Any] = operation.request["settings"]
    trunk_id = settings.get("trunk_id")
    return Did(
        id=intents.uuid_of(operation, "did_id"),
        number=item.number,
        number_type=item.number_type,
        npa=item.npa,
        nxx=item.nxx,
        locality=item.locality,
        state=item.state_code,
        lata=item.lata,
        rate_center=item.rate_center,
        time_zone=item.time_zone,
        customer_id=item.customer_id,
        status=DidStatus.ACTIVE,
        friendly_name=settings.get("friendly_name"),
        voice_enabled=settings["voice_enabled"],
        sms_enabled=settings["sms_enabled"],
        routing_type=RoutingType(settings["routing_type"]),
        trunk_id=None if trunk_id is None else UUID(trunk_id),
        routing_destination=settings.get("routing_destination"),
        failover_destination=settings.get("failover_destination"),
        monthly_cost=Decimal(item.monthly_cost),
        setup_fee=Decimal(item.setup_fee),
        currency=item.currency,
        acquired_at=now,
        # What the assign told the carrier is this row as it is born: in sync from the start.
        meta_version=1,
        pushed_version=1,
        assign_operation_id=operation.id,
    )


async def _not_assigned(session: AsyncSession, case: Case, failure: Failure) -> None:
    item_id = intents.uuid_of(case.operation, "item_id")
    error = refusal_of(case.operation, failure)
    back = failure is Failure.OUT_OF_PATIENCE and await _still_held(session, item_id, case.now)
    item = await reservations.settle_item(
        session,
        item_id,
        _ASSIGNING,
        # Certainly not assigned, and the hold still runs: it can be tried again.
        _Item.HELD if back else _Item.FAILED,
        error=error.as_json(),
    )
    assert item is not None  # noqa: S101  we hold its lock
    cart = await _recomputed(session, item)
    await follow_ups.after_assign(session, case.operation, cart, case.patience)
    await purchases.announce(session, case.operation, cart)


async def _still_held(session: AsyncSession, item_id: UUID, now: datetime) -> bool:
    item = (await reservations.items_by_ids(session, [item_id]))[item_id]
    return item.expires_at is not None and item.expires_at > now


# ── releases ─────────────────────────────────────────────────────────────────────────────────────
async def _released(session: AsyncSession, case: Case, _sight: Sight | None) -> None:
    match Target(case.operation.request["target"]):
        case Target.DID:
            await _disconnected(session, case)
        case Target.HOLD:
            await _hold_given_back(session, case)
        case _:
            reason = "Assigned by a request that arrived after the operation had been given up"
            await recording.note_of(session, case.operation, AuditAction.RELEASE, reason=reason)


async def _disconnected(session: AsyncSession, case: Case) -> None:
    did = await dids.disconnect(session, intents.uuid_of(case.operation, "did_id"))
    if did is None:
        return  # ended by other means meanwhile; the number is not ours either way
    await recording.note_of(
        session,
        case.operation,
        AuditAction.RELEASE,
        before={"status": DidStatus.RELEASING},
        after={"status": did.status},
        reason=did.release_reason,
    )


async def _hold_given_back(session: AsyncSession, case: Case) -> None:
    item = await reservations.settle_item(
        session, intents.uuid_of(case.operation, "item_id"), (_Item.HELD,), _Item.RELEASED
    )
    if item is None:
        return  # it ran out while it was being given back
    await _recomputed(session, item)
    await recording.note_of(
        session,
        case.operation,
        AuditAction.RELEASE,
        before={"state": _Item.HELD},
        after={"state": item.state},
    )


# ── metadata ─────────────────────────────────────────────────────────────────────────────────────
async def _pushed(session: AsyncSession, case: Case, sight: Sight | None) -> None:
    did_id = intents.uuid_of(case.operation, "did_id")
    if sight is not None:
        await dids.set_pushed(session, did_id, case.version)
    actor = intents.actor_of(case.operation)
    await follow_ups.for_did(session, did_id, actor, case.now, case.timings)


Succeeded = Callable[[AsyncSession, Case, Sight | None], Awaitable[None]]
Failed = Callable[[AsyncSession, Case, Failure], Awaitable[None]]

SUCCEEDED: Mapping[OperationKind, Succeeded] = {
    OperationKind.NUMBER_HOLD: _held,
    OperationKind.NUMBER_ASSIGN: _assigned,
    OperationKind.NUMBER_RELEASE: _released,
    OperationKind.METADATA_PUSH: _pushed,
}
# A release or push never fails: it goes to staff (saga, `_LINGERING`).
FAILED: Mapping[OperationKind, Failed] = {
    OperationKind.NUMBER_HOLD: _not_held,
    OperationKind.NUMBER_ASSIGN: _not_assigned,
}
