"""Events as values, and the names of their streams."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

CHANNEL = "warp_events"
"""The one NOTIFY channel; its payload is `stream:seq` and only says "look"."""

INCIDENTS = "incidents"
"""The stream of incidents, for staff."""


def of_operation(operation_id: UUID) -> str:
    """The stream of an operation; the kinds of its events are `OperationState` names."""
    return f"operation:{operation_id}"


def of_reservation(reservation_id: UUID) -> str:
    """The stream of a cart; the kinds of its events are `ReservationState` names."""
    return f"reservation:{reservation_id}"


def of_port(project_id: UUID) -> str:
    """The stream of a port project's history; an event for each row of voice.port_events."""
    return f"port:{project_id}"


def of_port_progress(project_id: UUID) -> str:
    """The stream of a project's progress; the kinds of its events are `PortStatus` names."""
    return f"port-progress:{project_id}"


def of_audit(customer_id: UUID | None) -> str:
    """The counter of a customer's audit trail; None is the platform's own."""
    return f"audit:{customer_id or 'staff'}"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in one stream; `seq` counts from 1 without gaps."""

    stream: str
    seq: int
    kind: str
    payload: Mapping[str, Any]
    at: datetime
    customer_id: UUID | None
