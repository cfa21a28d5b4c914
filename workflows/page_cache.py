"""Pages of the carrier's inventory, kept for a moment: cache, then single flight, then a slot.

One of these lives in each gateway process (decisions 4). A search that many people make at once
costs one call; while the carrier is away an older page is better than none, and says how old it is.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from teliport import errors
from teliport.client import Teliport
from teliport.wire import CarrierRecord, QueryPage

PAGE_SIZE = 100
FRESH_SECONDS = 30.0
STALE_SECONDS = 600.0

# Passing faults of one connection or one upstream process: worth one more try, no more (S2: T1).
_AGAIN = (errors.ConnectFailed, errors.ConnectionLost, errors.ServerFault)
# Our own budget is no reason to show old pages: RATE_LIMITED says when to come back.
_BUDGET = (errors.RateLimited, errors.BudgetExhausted)

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A page and when it was true; `stale` when the carrier could not be asked again."""

    page: QueryPage
    as_of: datetime
    at: float
    stale: bool = False


@dataclass(slots=True)
class PageCache:
    """`clock` is monotonic; `patience`, in seconds, is the longest that anybody waits (S2).

    `capacity` is in pages; a hundred records each, some tens of megabytes at most.
    """

    clock: Callable[[], float] = time.monotonic
    patience: float = 10.0
    capacity: int = 256
    _shelf: OrderedDict[Key, Shelved] = field(default_factory=OrderedDict)
    _flights: dict[Key, asyncio.Task[Shelved]] = field(default_factory=dict)

    async def page(self, teliport: Teliport, query: str, page: int) -> Shelved:
        """The page, at most FRESH_SECONDS old; up to STALE_SECONDS old while the carrier is away.

        Raises TeliportError when it cannot be had.
        """
        key = (query, page)
        known = self._shelf.get(key)
        if known is not None and self.clock() - known.at <= FRESH_SECONDS:
            return known
        try:
            return await self._joined(teliport, key)
        except _BUDGET:
            raise
        except errors.TeliportError:
            if known is not None and self.clock() - known.at <= STALE_SECONDS:
                return replace(known, stale=True)
            raise

    def records(self, npa: str) -> Iterator[CarrierRecord]:
        """Numbers of an area code on fresh pages, in no order."""
        oldest = self.clock() - FRESH_SECONDS
        for shelved in self._shelf.values():
            if shelved.at >= oldest:
                yield from (r for r in shelved.page.records if r.number.npa == npa)

    async def _joined(self, teliport: Teliport, key: Key) -> Shelved:
        """Ask, or wait for whoever is asking already; a caller that leaves does not end it."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._asked(teliport, key), name="search-page")
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(flight)

    def _landed(self, key: Key, flight: asyncio.Task[Shelved]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # looked at, even when everybody who waited has left

    async def _asked(self, teliport: Teliport, key: Key) -> Shelved:
        try:
            async with asyncio.timeout(self.patience):
                found = await self._twice(teliport, key)
        except TimeoutError:
            raise errors.TimedOut("no answer in time", is_read=True) from None
        shelved = Shelved(found, datetime.now(UTC), self.clock())
        self._shelf[key] = shelved
        self._shelf.move_to_end(key)
        if len(self._shelf) > self.capacity:
            self._shelf.popitem(last=False)
        return shelved

    async def _twice(self, teliport: Teliport, key: Key) -> QueryPage:
        query, page = key
        try:
            return await teliport.inventory.search(query, page=page, size=PAGE_SIZE)
        except _AGAIN:
            return await teliport.inventory.search(query, page=page, size=PAGE_SIZE)
