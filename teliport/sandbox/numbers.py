"""One number as the carrier knows it: what can change, and the record that goes over the wire."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any


class NumberStatus(StrEnum):
    """The carrier's statuses (contract, Inventory API)."""

    AVAILABLE = "AVAILABLE"
    RESERVED = "RESERVED"
    IN_USE = "IN_USE"
    PORTED_OUT = "PORTED_OUT"
    QUARANTINE = "QUARANTINE"


STATUSES = tuple(NumberStatus)


class Ported(StrEnum):
    """Which way a number was ported, as the query field `ported` names it."""

    NONE = "none"
    IN = "in"
    OUT = "out"


PORTED = tuple(Ported)


@dataclass(slots=True)
class Number:
    """The changeable half of a number; times are unix seconds. Place and identity are its block's.

    A value: nothing changes one in place, so a record that was handed out stays as it was.
    """

    status: NumberStatus
    ported: Ported = Ported.NONE
    owner_spid: str | None = None
    lifecycle: str = "ACTIVE"
    reserved_by: str | None = None
    reserved_until: float | None = None
    application_id: str | None = None
    metadata: dict[str, Any] | None = None
    first_assigned_at: float | None = None
    last_assigned_at: float | None = None
    times_assigned: int = 0
    last_port_at: float | None = None
    # The carrier that a number was ported in from, where a port project did it.
    original_spid: str | None = None
    updated_at: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """What the store keeps of a number that was changed."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Number":
        """The number that `as_json` described."""
        status, ported = NumberStatus(kept["status"]), Ported(kept["ported"])
        return cls(**{**kept, "status": status, "ported": ported})


def freed(status: NumberStatus, lifecycle: str = "ACTIVE") -> dict[str, Any]:
    """The fields of a number that nobody holds or uses any more."""
    return {
        "status": status,
        "lifecycle": lifecycle,
        "reserved_by": None,
        "reserved_until": None,
        "application_id": None,
        "metadata": None,
    }


@lru_cache(maxsize=4096)
def instant(at: float | None) -> str | None:
    """Unix seconds as the wire writes them: UTC, milliseconds, `Z`."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
