"""What can be done to a number: the contract's status moves, each refused from other states."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from teliport.sandbox.answers import Refused
from teliport.sandbox.clock import Clock
from teliport.sandbox.config import ReleaseTo
from teliport.sandbox.inventory import Inventory
from teliport.sandbox.numbers import Number, NumberStatus, Ported, freed

OPERATION_KEY = "warp_op_id"
"""The metadata key by which a lenient carrier knows a repeated assign (reliability.md 4.1)."""

_RELEASED = {
    ReleaseTo.AVAILABLE: freed(NumberStatus.AVAILABLE),
    # Nobody's: kept back "for grooming", as the platform's client says.
    ReleaseTo.RESERVED: freed(NumberStatus.RESERVED, "GROOMING"),
    ReleaseTo.QUARANTINE: freed(NumberStatus.QUARANTINE, "AGING"),
}


class Moves:
    """The moves over one inventory. A refused move raises Refused and changes nothing."""

    def __init__(self, inventory: Inventory, clock: Clock) -> None:
        self._inventory = inventory
        self._clock = clock
        self._config = inventory.config

    def reserve(self, position: int, holder: str) -> None:
        """AVAILABLE → RESERVED for `hold_seconds`. A lenient carrier lets its holder repeat it."""
        number = self._inventory.number(position)
        if not self._config.strict and number.reserved_by == holder:
            return
        self._require(number, "reserved", NumberStatus.AVAILABLE)
        self.hold(position, holder)

    def hold(self, position: int, holder: str) -> None:
        """Put a hold on a number, whatever it was."""
        self._inventory.change(
            position,
            **freed(NumberStatus.RESERVED)
            | {
                "reserved_by": holder,
                "reserved_until": self._clock.now() + self._config.hold_seconds,
            },
        )

    def assign(self, position: int, application_id: str, metadata: Mapping[str, Any]) -> None:
        """AVAILABLE or RESERVED → IN_USE. No holder is asked for: anybody can take a hold."""
        number = self._inventory.number(position)
        if self._repeated(number, metadata):
            return
        self._require(number, "assigned", NumberStatus.AVAILABLE, NumberStatus.RESERVED)
        now = self._clock.now()
        self._inventory.change(
            position,
            **freed(NumberStatus.IN_USE)
            | {
                "application_id": application_id,
                "metadata": merged({}, metadata),
                "first_assigned_at": number.first_assigned_at or now,
                "last_assigned_at": now,
                "times_assigned": number.times_assigned + 1,
            },
        )

    def _repeated(self, number: Number, metadata: Mapping[str, Any]) -> bool:
        operation = metadata.get(OPERATION_KEY)
        if self._config.strict or number.status is not NumberStatus.IN_USE or operation is None:
            return False
        return bool((number.metadata or {}).get(OPERATION_KEY) == operation)

    def put_metadata(self, position: int, metadata: Mapping[str, Any]) -> None:
        """Merge into the metadata of a number IN_USE; null removes a key."""
        number = self._inventory.number(position)
        self._require(number, "given metadata", NumberStatus.IN_USE)
        self.write_metadata(position, metadata)

    def write_metadata(self, position: int, metadata: Mapping[str, Any]) -> None:
        """Merge into the metadata of a number, whatever its state."""
        kept = self._inventory.number(position).metadata or {}
        self._inventory.change(position, metadata=merged(kept, metadata))

    def release(self, position: int) -> None:
        """RESERVED or IN_USE → what `release_to` says."""
        number = self._inventory.number(position)
        self._require(number, "released", NumberStatus.RESERVED, NumberStatus.IN_USE)
        self._inventory.change(position, **_RELEASED[self._config.release_to])

    def expire_hold(self, position: int) -> None:
        """End a hold before its time; a number that nobody holds stays as it is."""
        if self._inventory.number(position).status is NumberStatus.RESERVED:
            self._inventory.change(position, **freed(NumberStatus.AVAILABLE))

    def port_away(self, position: int, spid: str) -> None:
        """The number leaves for another carrier."""
        gone = freed(NumberStatus.PORTED_OUT, "PORTED")
        at = self._clock.now()
        self._inventory.change(
            position, **gone, ported=Ported.OUT, owner_spid=spid, last_port_at=at
        )

    @staticmethod
    def _require(number: Number, done: str, *allowed: NumberStatus) -> None:
        if number.status not in allowed:
            states = " or ".join(allowed)
            message = f"The number is {number.status}; only {states} can be {done}"
            raise Refused(HTTPStatus.CONFLICT, message)


def merged(kept: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` over `kept`, without the keys that are null."""
    return {key: value for key, value in {**kept, **given}.items() if value is not None}
