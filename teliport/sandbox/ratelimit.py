"""The carrier's rate limit: a true sliding log of arrivals per token, in real time.

No window has an edge to burst at: an arrival is let in when fewer than `limit` others were let in
during the 60 seconds before it. `advance` does not move this clock (decisions 16).
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable

WINDOW_SECONDS = 60.0


class RateLimit:
    """The log. `count_refused` makes refused arrivals fill the window as well."""

    def __init__(self, limit: int, *, count_refused: bool, timer: Callable[[], float]) -> None:
        self.limit = limit
        self._count_refused = count_refused
        self._timer = timer
        self._arrivals: defaultdict[str, deque[float]] = defaultdict(deque)

    def arrive(self, token: str) -> int | None:
        """None when the arrival is let in; else the whole seconds until one would be."""
        now, log = self._timer(), self._arrivals[token]
        while log and log[0] <= now - WINDOW_SECONDS:
            log.popleft()
        admitted = len(log) < self.limit
        if admitted or self._count_refused:
            log.append(now)
        return None if admitted else self._wait(log, now)

    def _wait(self, log: deque[float], now: float) -> int:
        # With refused arrivals counted the log outgrows the limit: all but limit-1 must leave.
        leaving = log[len(log) - self.limit] if self.limit else now
        return max(1, math.ceil(leaving + WINDOW_SECONDS - now))

    def forget(self) -> None:
        """Empty every window."""
        self._arrivals.clear()
