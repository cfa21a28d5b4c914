"""Reads in batches: one statement for all the keys that are asked for at the same time.

A loader remembers what it read, so it lives as long as one operation (or one event of a
subscription) and no longer. Each batch opens its own short read of the asker's scope.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TypeVar

from aiodataloader import DataLoader

from db.tenancy import Reader
from numbering.actors import Actor
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


class Batches:
    """One operation's loaders; each is made when it is first asked: `Loaders` has them all."""

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
