"""Neighbours in batches: one loader for each kind of thing that is asked for by a key."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from uuid import UUID

from aiodataloader import DataLoader

from db import (
    addresses,
    audit,
    clock,
    customers,
    dids,
    incidents,
    operations,
    reservations,
    tables,
    trunks,
)
from db.customers import Summary
from numbering.actors import Scope
from numbering.telephone import TelephoneNumber
from resolvers.batches import batched, listed
from resolvers.carrier import Lookup, look_up
from resolvers.ids import NOBODY
from resolvers.port_loaders import PortLoaders


class Loaders(PortLoaders):
    """One operation's loaders; each is made when it is first asked."""

    @cached_property
    def customers(self) -> DataLoader[UUID, tables.Customer | None]:
        """Customers by id."""
        return batched(self._reading(customers.by_ids))

    @cached_property
    def summaries(self) -> DataLoader[UUID, Summary | None]:
        """Counts over numbers, by customer."""
        return batched(self._reading(customers.summary))

    @cached_property
    def trunks(self) -> DataLoader[UUID, tables.Trunk | None]:
        """Trunks by id."""
        return batched(self._reading(trunks.by_ids))

    @cached_property
    def trunks_of(self) -> DataLoader[UUID, Sequence[tables.Trunk]]:
        """Trunks by customer."""
        return listed(self._reading(trunks.of_customers))

    @cached_property
    def addresses(self) -> DataLoader[UUID, tables.E911Address | None]:
        """Emergency addresses by id."""
        return batched(self._reading(addresses.by_ids))

    @cached_property
    def addresses_of(self) -> DataLoader[UUID, Sequence[tables.E911Address]]:
        """Emergency addresses by customer."""
        return listed(self._reading(addresses.of_customers))

    @cached_property
    def dids(self) -> DataLoader[UUID, tables.Did | None]:
        """Dids by id."""
        return batched(self._reading(dids.by_ids))

    @cached_property
    def reservations(self) -> DataLoader[UUID, tables.Reservation | None]:
        """Reservations by id."""
        return batched(self._reading(reservations.by_ids))

    @cached_property
    def items_of(self) -> DataLoader[UUID, Sequence[tables.ReservationItem]]:
        """Items by reservation, in the order they were asked for."""
        return listed(self._reading(reservations.items_of))

    @cached_property
    def operations(self) -> DataLoader[UUID, tables.Operation | None]:
        """Operations by id."""
        return batched(self._reading(operations.by_ids))

    @cached_property
    def live_operations(self) -> DataLoader[str, tables.Operation | None]:
        """What is under way, by number."""
        return batched(self._reading(operations.live_for))

    @cached_property
    def incidents(self) -> DataLoader[UUID, tables.Incident | None]:
        """Incidents by id."""
        return batched(self._reading(incidents.by_ids))

    @cached_property
    def audit_events(self) -> DataLoader[UUID, tables.AuditRow | None]:
        """Entries of the audit log by id."""
        return batched(self._reading(audit.by_ids))

    @cached_property
    def carrier(self) -> DataLoader[TelephoneNumber, Lookup | None]:
        """The carrier's live records by number: one request for all of them."""

        async def fetch(numbers: list[TelephoneNumber]) -> Mapping[TelephoneNumber, Lookup]:
            return await look_up(self._services.teliport.inventory, numbers)

        return batched(fetch)

    @cached_property
    def clock(self) -> DataLoader[str, datetime | None]:
        """The database's clock: one moment for one operation, under any key."""

        async def fetch(keys: list[str]) -> Mapping[str, datetime]:
            # The clock is nobody's: also for somebody who has not said for whom they act.
            async with self._services.database.read(Scope.customer(NOBODY)) as conn:
                return dict.fromkeys(keys, await clock.now(conn))

        return batched(fetch)
