"""The sandbox's time: real time plus what it was advanced by. Rate is for the port life alone.

Two clocks, then: `now` for everything, and `port_now`, which the rate makes run ahead of it.
"""

import asyncio
import re
from collections.abc import Callable

_PERIOD = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}


class NotAPeriod(ValueError):
    """The text is no ISO 8601 duration of weeks, days, hours, minutes and seconds."""


def seconds_of(period: str) -> float:
    """An ISO 8601 duration in seconds: `P1D` → 86400. Raises NotAPeriod."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        message = f"{period!r} is no period; write it like P1D, PT15M or PT90S"
        raise NotAPeriod(message)
    return sum(float(text) * _SECONDS[unit] for unit, text in found.groupdict().items() if text)


class Clock:
    """`now()` in unix seconds. Holds run on it in real time; `advance` moves it, holds included."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._moved = asyncio.Event()
        self.offset = 0.0
        self.rate = 1.0
        # How far the port clock was ahead of `now`, and the real time at which it was.
        self.led = (0.0, wall())

    def now(self) -> float:
        """The sandbox's time."""
        return self._wall() + self.offset

    def wall(self) -> float:
        """Real time, whatever the sandbox was advanced by."""
        return self._wall()

    def lead(self) -> float:
        """By how many seconds the port clock is ahead: what the rate has gained so far."""
        gained, since = self.led
        return gained + (self._wall() - since) * (self.rate - 1)

    def port_now(self) -> float:
        """The port life's time: it runs `rate` times as fast, and is advanced like the other."""
        return self.now() + self.lead()

    def set_rate(self, rate: float) -> None:
        """The port clock goes on from where it is, at this speed."""
        self.led = (self.lead(), self._wall())
        self.rate = rate

    def advance(self, seconds: float) -> None:
        """Let this much time have passed; sleepers whose time has come wake up."""
        self.offset += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait for this much of the sandbox's time: really, or until it is advanced over."""
        due = self.now() + seconds
        while (left := due - self.now()) > 0:
            try:
                await asyncio.wait_for(self._moved.wait(), left)
            except TimeoutError:
                return
