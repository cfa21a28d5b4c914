"""EventHub: one connection that listens for a whole process and hands events to subscribers.

The table is the truth, a notification only says "look". The hub looks when it is notified, when it
(re)connects, and once a second anyway; one query reads all the streams that somebody listens to. A
subscriber has a cursor of its own and gets every event after it, once and in order. When its buffer
is full it is not advanced: the table keeps the events. A subscription holds no database connection.
"""

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from types import TracebackType
from typing import Self

import asyncpg
import orjson

from db.errors import DRIVER_FAULTS
from db.streams import CHANNEL, Event
from numbering.actors import Scope

PROGRESS = frozenset({"PROGRESS"})
"""Kinds of which a slow subscriber needs only the latest."""

_LOOK = """
    SELECT e.stream_id, e.seq, e.kind, e.payload, e.at, e.customer_id
    FROM unnest($1::text[], $2::bigint[]) AS w (stream_id, after)
    CROSS JOIN LATERAL (
      SELECT * FROM ops.event AS e WHERE e.stream_id = w.stream_id AND e.seq > w.after
      ORDER BY e.seq LIMIT $3) AS e
"""
_BATCH = 200
_CONNECT_SECONDS = 10.0
_QUERY_SECONDS = 5.0


class Subscription:
    """One subscriber's cursor and buffer."""

    def __init__(self, after: int, size: int, progress: frozenset[str]) -> None:
        self.after = after
        self._size = size
        self._progress = progress
        self._buffer: deque[Event] = deque()
        self._filled = asyncio.Event()

    @property
    def full(self) -> bool:
        """No room: the cursor stands still until the subscriber has taken something."""
        return len(self._buffer) >= self._size

    def offer(self, events: Iterable[Event]) -> None:
        """Take what comes after the cursor, as far as there is room."""
        for event in events:
            if event.seq <= self.after:
                continue
            if self._buffer and {event.kind, self._buffer[-1].kind} <= self._progress:
                self._buffer.pop()
            elif self.full:
                return
            self._buffer.append(event)
            self.after = event.seq
            self._filled.set()

    async def take(self) -> tuple[Event, bool]:
        """The next event, and whether the cursor stood still until now; waits for it."""
        while not self._buffer:
            self._filled.clear()
            await self._filled.wait()
        was_full = self.full
        return self._buffer.popleft(), was_full


class EventHub:
    """Use as `async with EventHub(url) as hub`; `scope` must see the events of all customers.

    Who may see which stream is decided by whoever subscribes on somebody's behalf.
    """

    def __init__(
        self,
        url: str,
        *,
        scope: Scope | None = None,
        tick: float = 1.0,
        patience: float = 5.0,
        buffer: int = 100,
        progress: frozenset[str] = PROGRESS,
    ) -> None:
        """`tick`: seconds between looks without a notification; `patience`: longest back-off."""
        self._url = url
        self._scope = scope or Scope.staff()
        self._tick = tick
        self._patience = patience
        self._buffer = buffer
        self._progress = progress
        self._live: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._dirty: set[str] = set()
        self._wake = asyncio.Event()
        self._up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether the listening connection is up; for readiness."""
        return self._up.is_set()

    async def up(self) -> None:
        """Wait until the listening connection is up."""
        await self._up.wait()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="event-hub")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def subscribe(self, stream: str, after: int = 0) -> AsyncGenerator[Event, None]:
        """Every event of the stream after a number, old ones first, then live ones, for ever.

        Close it (`contextlib.aclosing`) when you leave the loop early.
        """
        subscription = Subscription(after, self._buffer, self._progress)
        self._live[stream].add(subscription)
        self._look_at(stream)
        try:
            while True:
                event, was_full = await subscription.take()
                if was_full:
                    self._look_at(stream)
                yield event
        finally:
            self._live[stream].discard(subscription)
            if not self._live[stream]:
                del self._live[stream]

    async def wait_for(
        self,
        streams: Iterable[str],
        until: Callable[[Event], bool],
        *,
        timeout: float,  # noqa: ASYNC109  running out of it is an answer here, not an error
    ) -> dict[str, Event]:
        """The first event of each stream that satisfies `until`, however old it is.

        Returns when all have one or after `timeout` seconds, with those that came in time.
        """
        found: dict[str, Event] = {}

        async def watch(stream: str) -> None:
            async with aclosing(self.subscribe(stream)) as events:
                async for event in events:
                    if until(event):
                        found[stream] = event
                        return

        with suppress(TimeoutError):
            async with asyncio.timeout(timeout), asyncio.TaskGroup() as group:
                for stream in set(streams):
                    group.create_task(watch(stream))
        return found

    def _look_at(self, stream: str) -> None:
        self._dirty.add(stream)
        self._wake.set()

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        stream = str(payload).rpartition(":")[0]
        if stream in self._live:
            self._look_at(stream)

    async def _run(self) -> None:
        """Listen for ever; what ends a connection is answered with another one."""
        failures = 0
        while True:
            try:
                await self._listen()
            except DRIVER_FAULTS:
                failures = 0 if self._up.is_set() else failures + 1
            self._up.clear()
            # The first try comes at once, so that a terminated backend costs milliseconds.
            longest = min(self._patience, 0.1 * 2 ** min(failures, 10)) if failures else 0.0
            await asyncio.sleep(random.uniform(longest / 2, longest))  # noqa: S311  jitter

    async def _listen(self) -> None:
        settings = {"application_name": "warp-hub", "app.scope": self._scope.kind.value}
        connection = await asyncpg.connect(
            self._url,
            timeout=_CONNECT_SECONDS,
            command_timeout=_QUERY_SECONDS,
            server_settings=settings,
        )
        try:
            await connection.set_type_codec(
                "jsonb", encoder=str, decoder=orjson.loads, schema="pg_catalog"
            )
            await connection.add_listener(CHANNEL, self._notified)
            connection.add_termination_listener(lambda *_: self._wake.set())
            self._up.set()
            await self._look(connection, list(self._live))
            while True:
                await self._look(connection, await self._due())
        finally:
            connection.terminate()

    async def _due(self) -> Sequence[str]:
        """The streams to look at: those that were touched, or all of them once in a while."""
        try:
            async with asyncio.timeout(self._tick):
                await self._wake.wait()
        except TimeoutError:
            return list(self._live)
        self._wake.clear()
        due, self._dirty = self._dirty, set()
        return list(due)

    async def _look(self, connection: asyncpg.Connection, streams: Sequence[str]) -> None:
        """Hand out what is new. Runs with no stream at all too: that is the keepalive."""
        cursors = {
            stream: min(waiting)
            for stream in streams
            if (waiting := [s.after for s in self._live.get(stream, ()) if not s.full])
        }
        rows = await connection.fetch(_LOOK, list(cursors), list(cursors.values()), _BATCH)
        found: defaultdict[str, list[Event]] = defaultdict(list)
        for row in rows:
            found[row["stream_id"]].append(Event(*row.values()))
        for stream, events in found.items():
            for subscription in self._live.get(stream, ()):
                subscription.offer(events)
            if len(events) == _BATCH:
                self._look_at(stream)
