"""What the mutations ask for. Every id is decoded; a malformed one comes as ``UUID(int=0)``, which
runs the same statements as an unknown one and is not found."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from numbering.lifecycle import OnPartialAssign, OnPartialHold, RoutingType

__all__ = [
    "AssignReservation",
    "DidChanges",
    "OnPartialAssign",
    "OnPartialHold",
    "ReleaseDids",
    "ReleaseReservation",
    "ReserveNumbers",
    "ResolveIncident",
    "RetryIncident",
    "RoutingRequest",
    "UpdateDids",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveNumbers:
    """Hold numbers, in any notation, for a customer."""

    customer_id: UUID
    numbers: tuple[str, ...]
    on_partial: OnPartialHold = OnPartialHold.KEEP
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReservation:
    """Give holds back: those named, or all (None)."""

    reservation_id: UUID
    numbers: tuple[str, ...] | None = None
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRequest:
    """Where calls shall go; checked by `numbering.routing`, the trunk's owner by us."""

    type: RoutingType
    trunk_id: UUID | None = None
    destination: str | None = None
    failover_destination: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignReservation:
    """Buy held numbers: those named, or all (None)."""

    reservation_id: UUID
    numbers: tuple[str, ...] | None = None
    voice_enabled: bool = True
    sms_enabled: bool = False
    routing: RoutingRequest | None = None
    friendly_name: str | None = None
    max_monthly_total: Decimal | None = None
    on_partial: OnPartialAssign = OnPartialAssign.KEEP_HOLDS
    idempotency_key: str


class DidChanges(TypedDict, total=False):
    """An absent key leaves the field, None clears it; `custom_fields` merges key by key."""

    friendly_name: str | None
    voice_enabled: bool | None
    sms_enabled: bool | None
    mms_enabled: bool | None
    fax_enabled: bool | None
    routing: RoutingRequest | None
    campaign_id: str | None
    cnam: str | None
    e911_address_id: UUID | None
    custom_fields: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDids:
    """Change the configuration of dids, all in the same way."""

    did_ids: tuple[UUID, ...]
    changes: DidChanges
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDids:
    """Give dids back to the carrier; the reason goes to the audit trail."""

    did_ids: tuple[UUID, ...]
    reason: str
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryIncident:
    """Staff: carry the operation of an incident again."""

    incident_id: UUID
    reason: str
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveIncident:
    """Staff: the matter was settled by hand; the operation ends."""

    incident_id: UUID
    resolution: str
    idempotency_key: str
