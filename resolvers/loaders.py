"""Neighbours in batches: one statement for a whole page, made anew for every operation.

A loader remembers what it read, so it lives as long as one operation (or one event of a
subscription) and no longer. Each batch opens its own short read of the asker's scope.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TypeVar
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
from db.tenancy import Reader
from numbering.actors import Actor, Scope
from numbering.telephone import TelephoneNumber
from resolvers.carrier import Lookup, look_up
from resolvers.ids import NOBODY
from workflows.wiring import Services

K = TypeVar("K")
V = TypeVar("V")
Fetch = Callable[[list[K]], Awaitable[V]]

MAX_BATCH = 1000


def batched(fetch: Fetch[K, Mapping[K, V]]) -> DataLoader[K, V | None]:
    """A loader over a fetch that answers a mapping; keys it does not answer are None."""

    async def load(keys: list[K]) -> list[V | None]:
        found = await fetch(keys)
        return [found.get(key) for key in keys]

    return DataLoader(load, max_batch_size=MAX_BATCH)


def listed(
    fetch: Fetch[K, Mapping[K, Sequence[V]]],
) -> DataLoader[K, Sequence[V]]:
    """As `batched`, for what each key has several of; none is an empty list."""

    async def load(keys: list[K]) -> list[Sequence[V]]:
        found = await fetch(keys)
        return [found.get(key, ()) for key in keys]

    return DataLoader(load, max_batch_size=MAX_BATCH)


def present(row: V | None) -> V:
    """A neighbour that a foreign key promises; LookupError if the promise is broken."""
    if row is None:
        raise LookupError("a foreign key points at a row that this scope cannot see")
    return row


class Loaders:
    """One operation's loaders; each is made when it is first asked."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._actor = actor

    def forget(self) -> None:
        """Forget what was read: after a mutation, the rest of the operation sees what stands."""
        for loader in vars(self).values():
            if isinstance(loader, DataLoader):
                loader.clear_all()

    def _reading(self, query: Callable[[Reader, Collection[K]], Awaitable[V]]) -> Fetch[K, V]:
        async def fetch(keys: list[K]) -> V:
            async with self._services.database.read(self._actor.scope) as conn:
                return await query(conn, keys)

        return fetch

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
