"""The numbers: a seeded start, and over it what has changed or come since. Only that is objects."""

from dataclasses import replace
from heapq import heappop, heappush
from typing import Any

from teliport.sandbox.clock import Clock
from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.numbers import Number, NumberStatus, Ported, freed
from teliport.sandbox.record import record
from teliport.sandbox.register import Register
from teliport.sandbox.seeding import Seeded
from teliport.sandbox.store import Store


class Inventory:
    """All numbers of one sandbox. Every change is stored before the method returns."""

    def __init__(self, seeded: Seeded, config: SandboxConfig, clock: Clock, store: Store) -> None:
        self.seeded = seeded
        self.register = Register(seeded)
        self.config = config
        self.writes = 0
        self.changed: dict[int, Number] = {}
        self.changed_mask = 0
        self._clock = clock
        self._store = store
        self._by_status = dict(seeded.by_status)
        self._holds: list[tuple[float, int]] = []
        self._restore()

    def _restore(self) -> None:
        for tn, number in self._store.numbers():
            position = self.register.find(tn)
            if position is None and number.original_spid is not None:
                position = self.register.add(tn)
            # A row of a number that this release's table no longer has is left alone.
            if position is not None:
                self._place(position, number)

    def with_status(self, status: NumberStatus) -> int:
        """The bits of the numbers that have this status now."""
        return self._by_status[status]

    def number(self, position: int) -> Number:
        """The number as it is now; change it only through `change`."""
        return self.changed.get(position) or self.seeded.number(position)

    def find(self, tn: str) -> int | None:
        """Where these ten digits are; None for what is no number of this inventory."""
        return self.register.find(int(tn)) if tn.isdecimal() else None

    def record(self, position: int) -> dict[str, Any]:
        """The number's record for the wire."""
        block, tn = self.register.block(position), self.register.tn(position)
        return record(tn, block, self.number(position), self.config)

    def change(self, position: int, **fields: Any) -> Number:
        """Set these fields of a number, and its `updated_at`; stored when this returns."""
        at = fields.pop("updated_at", self._clock.now())
        number = replace(self.number(position), updated_at=at, **fields)
        self._place(position, number)
        self.writes += 1
        self._store.save(self.register.tn(position), number)
        return number

    def port_in(self, tn: str, spid: str, application_id: str, at: float) -> bool:
        """Take a number over from another carrier; False when it is in use here already."""
        position = self.find(tn)
        if position is not None and self.number(position).status is NumberStatus.IN_USE:
            return False
        if position is None:
            position = self.register.add(int(tn))
            self._place(position, Number(NumberStatus.AVAILABLE))
        fresh = freed(NumberStatus.IN_USE) | {"application_id": application_id, "metadata": {}}
        first = self.number(position).first_assigned_at or at
        self.change(
            position,
            **fresh,
            ported=Ported.IN,
            owner_spid=None,
            original_spid=spid,
            last_port_at=at,
            first_assigned_at=first,
            last_assigned_at=at,
            times_assigned=self.number(position).times_assigned + 1,
            updated_at=at,
        )
        return True

    def _place(self, position: int, number: Number) -> None:
        bit = 1 << position
        if position < len(self.seeded) or position in self.changed:
            self._by_status[self.number(position).status] &= ~bit
        self._by_status[number.status] |= bit
        self.changed[position] = number
        self.changed_mask |= bit
        if number.reserved_until is not None:
            heappush(self._holds, (number.reserved_until, position))

    def expire_holds(self, now: float) -> None:
        """End every hold whose time has come by `now`, at the moment at which it came."""
        while self._holds and self._holds[0][0] <= now:
            until, position = heappop(self._holds)
            # A hold that was used or given back meanwhile is no longer this one.
            if self.number(position).reserved_until == until:
                self.change(position, **freed(NumberStatus.AVAILABLE), updated_at=until)

    def counts(self) -> dict[NumberStatus, int]:
        """How many numbers have each status."""
        return {status: mask.bit_count() for status, mask in self._by_status.items()}
