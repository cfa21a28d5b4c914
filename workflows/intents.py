"""What is to happen, as rows: the operation for each kind of intent, and what a saga reads from it.

`request` of an operation keeps ids and settings, never a secret; the saga's facts are read from it
and from the rows that it names. It is written here and read here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db import operations
from db.ids import new_id
from db.tables import Did, Operation, ReservationItem
from numbering.actors import Actor
from numbering.lanes import Lane
from numbering.lifecycle import OnPartialAssign, OperationKind
from workflows.saga_terms import Facts, State, Target


def holder(customer_id: UUID, reservation_id: UUID) -> str:
    """Our name in the carrier's `reservedBy` (research/domain.md 2.8.11)."""
    return f"WARP-{customer_id}-{reservation_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How urgent an operation is: its lane, and its turn among others (higher goes first)."""

    lane: Lane
    priority: int = 0


def hold(item: ReservationItem, actor: Actor, place: Place, *, until: datetime) -> Operation:
    """Hold the number of a PENDING item, not later than `until`."""
    return _operation(
        OperationKind.NUMBER_HOLD,
        item.number,
        item.customer_id,
        actor,
        place,
        id=item.operation_id,
        deadline=until,
        parent_id=item.reservation_id,
        request={**_of_item(item), "send_before": until.isoformat()},
    )


def assign(
    item: ReservationItem,
    actor: Actor,
    place: Place,
    *,
    operation_id: UUID,
    settings: Mapping[str, Any],
    on_partial: OnPartialAssign,
    at: datetime,
) -> Operation:
    """Buy the number of a HELD item while its hold lasts; `settings` are columns of the did."""
    assert item.expires_at is not None  # noqa: S101  HELD items have a deadline
    return _operation(
        OperationKind.NUMBER_ASSIGN,
        item.number,
        item.customer_id,
        actor,
        place,
        id=operation_id,
        deadline=item.expires_at,
        parent_id=item.reservation_id,
        request={
            **_of_item(item),
            "send_before": item.expires_at.isoformat(),
            "did_id": str(new_id()),
            "assigned_at": at.isoformat(),
            "settings": dict(settings),
            "on_partial": on_partial.value,
        },
    )


def release_hold(
    item: ReservationItem, actor: Actor, place: Place, *, deadline: datetime
) -> Operation:
    """Give the hold of an item back while it lasts."""
    assert item.expires_at is not None  # noqa: S101  HELD items have a deadline
    return _operation(
        OperationKind.NUMBER_RELEASE,
        item.number,
        item.customer_id,
        actor,
        place,
        deadline=deadline,
        parent_id=item.reservation_id,
        request={
            **_of_item(item),
            "send_before": item.expires_at.isoformat(),
            "target": Target.HOLD.value,
        },
    )


def release_did(did: Did, actor: Actor, place: Place, *, deadline: datetime) -> Operation:
    """Give a RELEASING did back."""
    return _operation(
        OperationKind.NUMBER_RELEASE,
        did.number,
        did.customer_id,
        actor,
        place,
        deadline=deadline,
        request={"target": Target.DID.value, "did_id": str(did.id)},
    )


def release_stray(assigned: Operation, actor: Actor, *, deadline: datetime) -> Operation:
    """Give back what an assign took after it had been given up."""
    return _operation(
        OperationKind.NUMBER_RELEASE,
        assigned.subject,
        assigned.customer_id,
        actor,
        Place(lane=Lane.BULK),
        deadline=deadline,
        parent_id=assigned.id,
        request={
            "target": Target.STRAY.value,
            "stray_of": str(assigned.id),
            "assigned_at": assigned.request["assigned_at"],
        },
    )


def push(did: Did, actor: Actor, place: Place, *, deadline: datetime) -> Operation:
    """Tell the carrier how a did is set up now, whatever it is by the time of the call."""
    return _operation(
        OperationKind.METADATA_PUSH,
        did.number,
        did.customer_id,
        actor,
        place,
        deadline=deadline,
        request={"did_id": str(did.id)},
    )


def _of_item(item: ReservationItem) -> dict[str, str]:
    return {
        "item_id": str(item.id),
        "reservation_id": str(item.reservation_id),
        "holder": holder(item.customer_id, item.reservation_id),
    }


def _operation(
    kind: OperationKind,
    number: str,
    customer_id: UUID | None,
    actor: Actor,
    place: Place,
    **columns: Any,
) -> Operation:
    columns["id"] = columns.get("id") or new_id()
    return Operation(
        kind=kind,
        kind_group=operations.NUMBER,
        subject=str(number),
        customer_id=customer_id,
        lane=place.lane,
        priority=place.priority,
        actor=actor.as_json(),
        request_id=actor.request_id,
        **columns,
    )


def uuid_of(operation: Operation, name: str) -> UUID:
    """An id that the request must have."""
    return UUID(operation.request[name])


def actor_of(operation: Operation) -> Actor:
    """Who asked for it."""
    return Actor.from_json(operation.actor)


def facts_of(
    operation: Operation,
    *,
    wanted: Mapping[str, Any] | None = None,
    unwanted: bool = False,
    assigned_at: str = "",
    ported: bool = False,
) -> Facts:
    """The saga's facts; `wanted` and `unwanted` come from the rows as they are now."""
    request = operation.request
    before = request.get("send_before")
    return Facts(
        kind=operation.kind,
        operation_id=str(operation.id),
        customer_id=str(operation.customer_id),
        holder=request.get("holder", ""),
        did_id=request.get("did_id", ""),
        target=Target(request.get("target", Target.DID)),
        stray_of=request.get("stray_of", ""),
        assigned_at=assigned_at,
        wanted=wanted or {},
        send_before=datetime.fromisoformat(before) if before else None,
        deadline=operation.deadline,
        unwanted=unwanted or bool(request.get("unwanted")),
        ported=ported,
    )


def state_of(operation: Operation, facts: Facts) -> State:
    """Where the saga stands, from the durable mark and the count of attempts alone."""
    mark = operation.sent.get(facts.call)
    doubt_at = datetime.fromisoformat(mark) if mark else None
    return State(facts, attempt=operation.attempt, doubt_at=doubt_at)


def marks_of(state: State) -> dict[str, str]:
    """The durable mark as it is kept in the row."""
    return {} if state.doubt_at is None else {state.facts.call.value: state.doubt_at.isoformat()}
