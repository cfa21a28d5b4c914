"""How much one customer may ask for: token buckets of cost, in this process's memory.

Each gateway process has its own buckets, so n processes allow n times the rate. That bounds work
per process, which is what it protects; money and the carrier's budget are bounded in PostgreSQL.
"""

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping

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
