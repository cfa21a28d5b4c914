"""What tests of the rate budget need: a clock that PostgreSQL itself obeys, and a metering carrier.

`clock_timestamp()` is looked up along the search path; with `sim` before `pg_catalog` the functions
of `budget.sql` run, unchanged, on a clock that the test moves. Hours pass in seconds.
"""

import asyncio
import heapq
import itertools
from bisect import bisect_right
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from db.budget import SlotPace, SlotTicket
from numbering.lanes import Lane
from numbering.pace import PaceRefusal, Verdict

FOREVER = 1e9
"""A patience that no virtual time reaches."""

MakePace = Callable[..., SlotPace]

SIMULATED = {"search_path": "sim, pg_catalog, public"}
"""`server_settings` of the connections that live in virtual time."""

_CLOCK = """
DROP SCHEMA IF EXISTS sim CASCADE;
CREATE SCHEMA sim;
GRANT USAGE ON SCHEMA sim TO PUBLIC;
CREATE TABLE sim.clock AS SELECT pg_catalog.clock_timestamp() AS moment;
GRANT SELECT ON sim.clock TO PUBLIC;
CREATE FUNCTION sim.clock_timestamp() RETURNS timestamptz VOLATILE
  LANGUAGE sql AS 'SELECT moment FROM sim.clock';
"""


class VirtualTime:
    """Time that stands still while anybody runs, and jumps when all the actors sleep.

    An actor must wait for nothing but `sleep` and the database.
    """

    def __init__(self, connection: "asyncpg.Connection[Any]", start: datetime) -> None:
        self._connection = connection
        self._start = start
        self._running = 0
        self._still = asyncio.Event()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.now = 0.0

    @classmethod
    async def begin(cls, connection: "asyncpg.Connection[Any]") -> "VirtualTime":
        """Give the database its movable clock, standing at the real time."""
        await connection.execute(_CLOCK)
        return cls(connection, await connection.fetchval("SELECT moment FROM sim.clock"))

    @property
    def moment(self) -> datetime:
        """Now, as the database says it."""
        return self._start + timedelta(seconds=self.now)

    async def advance(self, seconds: float) -> None:
        """Move the clock while no actor runs."""
        self.now += seconds
        await self._connection.execute("UPDATE sim.clock SET moment = $1", self.moment)

    async def sleep(self, seconds: float) -> None:
        """What actors call instead of asyncio.sleep."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), woken))
        self._pause()
        await woken

    async def run(self, *actors: Coroutine[Any, Any, None]) -> None:
        """Run the actors to their ends."""
        self._running = len(actors)
        self._still.clear()
        async with asyncio.TaskGroup() as group:
            for actor in actors:
                group.create_task(self._act(actor))
            while await self._still.wait() and self._sleepers:
                until, _, woken = heapq.heappop(self._sleepers)
                await self.advance(until - self.now)
                self._running += 1
                self._still.clear()
                woken.set_result(None)

    async def _act(self, actor: Coroutine[Any, Any, None]) -> None:
        try:
            await actor
        finally:
            self._pause()

    def _pause(self) -> None:
        self._running -= 1
        if self._running == 0:
            self._still.set()


class Meter:
    """The carrier's side of the limit: it counts arrivals, not grants."""

    def __init__(self) -> None:
        self.arrivals: list[float] = []

    def arrive(self, at: float) -> None:
        """Count one call."""
        self.arrivals.append(at)

    def busiest(self, window: float) -> int:
        """Return the most arrivals in any sliding window."""
        times = sorted(self.arrivals)
        return max(
            (i + 1 - bisect_right(times, t - window) for i, t in enumerate(times)), default=0
        )

    def between(self, start: float, end: float) -> int:
        """Return the arrivals from start to end."""
        return sum(start <= at < end for at in self.arrivals)


class RecordingPace:
    """A pace without a limit that remembers what it was asked and told."""

    def __init__(self, refusal: PaceRefusal | None = None) -> None:
        self.refusal = refusal
        self.asked: list[tuple[Lane, float]] = []
        self.told: list[tuple[Verdict, float | None]] = []

    async def acquire(self, lane: Lane, *, wait: float) -> "RecordingPace":
        """Let the call out, unless there is a refusal to give."""
        self.asked.append((lane, wait))
        if self.refusal is not None:
            raise self.refusal
        return self

    async def settle(self, verdict: Verdict, retry_after: float | None = None) -> None:
        """Remember the verdict."""
        self.told.append((verdict, retry_after))


async def take(pace: SlotPace, count: int, lane: Lane = Lane.INTERACTIVE) -> list[SlotTicket]:
    """Take slots that must be free."""
    return [await pace.acquire(lane) for _ in range(count)]


async def refusal(pace: SlotPace, lane: Lane = Lane.INTERACTIVE, wait: float = 0) -> PaceRefusal:
    """Return the refusal that must come."""
    with pytest.raises(PaceRefusal) as caught:
        await pace.acquire(lane, wait=wait)
    return caught.value


async def fail(pace: SlotPace, count: int) -> None:
    """Make so many calls that fail."""
    for ticket in await take(pace, count):
        await ticket.settle(Verdict.FAILED)
