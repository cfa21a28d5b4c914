"""How much one customer may ask for: token buckets of cost, seats and files in hand, in memory.

Each gateway process has its own buckets, so n processes allow n times the rate. That bounds work
per process, which is what it protects; money and the carrier's budget are bounded in PostgreSQL.
"""

import asyncio
import math
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from schema.faults import Code, Fault

MAX_BUCKETS = 10_000


class Buckets:
    """A bucket per key, full at first, refilled evenly.

    At most MAX_BUCKETS are kept; the longest unused is forgotten, which can only be to the
    caller's favour.
    """

    def __init__(
        self,
        capacity: int,
        refill_per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity
        self._refill = refill_per_second
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, key: str, cost: int) -> Mapping[str, object]:
        """Take `cost` points and answer what the client sees as `extensions.cost`.

        Raises Fault(THROTTLED) with the whole seconds until enough is there; nothing is taken.
        """
        now = self._clock()
        level, at = self._levels.pop(key, (float(self._capacity), now))
        level = min(self._capacity, level + (now - at) * self._refill)
        # Someone who asks for more than the bucket ever holds must not wait forever.
        needed = min(cost, self._capacity)
        if needed > level:
            self._keep(key, level, now)
            wait = math.ceil((needed - level) / self._refill)
            raise Fault(
                Code.THROTTLED,
                f"Too many requests. This one costs {cost} points; ask again in {wait} s.",
                retry_after=wait,
            )
        self._keep(key, level - needed, now)
        return {
            "requestedQueryCost": cost,
            "throttleStatus": {
                "maximumAvailable": self._capacity,
                "currentlyAvailable": int(level - needed),
                "restoreRate": self._refill,
            },
        }

    def _keep(self, key: str, level: float, at: float) -> None:
        self._levels[key] = (level, at)
        if len(self._levels) > MAX_BUCKETS:
            self._levels.popitem(last=False)


class Seats:
    """How many lasting connections (sockets, event streams) one subject has open here."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[str] = Counter()

    def take(self, key: str) -> None:
        """Take a seat, to be given back by `leave`.

        Raises Fault(THROTTLED) when all of this key's are taken.
        """
        if self._taken[key] >= self._limit:
            raise Fault(
                Code.THROTTLED,
                f"At most {self._limit} connections may be open at once.",
                retry_after=10,
            )
        self._taken[key] += 1

    def leave(self, key: str) -> None:
        """Give a seat back."""
        self._taken[key] -= 1
        if not self._taken[key]:
            del self._taken[key]


class Hands:
    """How many requests with files are in memory at once: `each` of one key, `together` of all.

    A file is held several times over while it is read, and reading it holds the interpreter, so
    others would feel a hundred of them. Who comes too many waits his turn, `patience` seconds long.
    """

    def __init__(self, each: int, together: int, patience: float) -> None:
        self._each = each
        self._patience = patience
        self._all = asyncio.Semaphore(together)
        self._of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Take a file in hand as soon as there is one free; Fault(THROTTLED) if there is none."""
        own = self._of.setdefault(key, asyncio.Semaphore(self._each))
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(self._patience):
                    await held.enter_async_context(own)
                    await held.enter_async_context(self._all)
            except TimeoutError:
                raise Fault(
                    Code.THROTTLED,
                    "Too many files are being read. Send this one again in a moment.",
                    retry_after=math.ceil(self._patience),
                ) from None
            yield
