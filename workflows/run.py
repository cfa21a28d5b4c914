"""One worker's hold on one operation: its clock, its fenced writes, and the loop of saga steps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from db import operations
from db.errors import DatabaseFault
from numbering.actors import Scope
from numbering.telephone import TelephoneNumber
from workflows import facts, saga, settling
from workflows.calling import Caller
from workflows.crashpoints import crashpoint
from workflows.leases import LeaseLost
from workflows.saga_terms import (
    Began,
    Effect,
    Event,
    Look,
    Mark,
    Marked,
    Page,
    Send,
    State,
    Wait,
)

if TYPE_CHECKING:
    from db.tables import Operation
    from workflows.wiring import Services

T = TypeVar("T")


@dataclass(slots=True)
class Run:
    """`operation` is the row as last written under our fence."""

    services: Services
    operation: Operation
    started: float = field(default_factory=time.monotonic)
    began_at: datetime = field(init=False)
    leased_at: float = field(init=False)
    marked_at: datetime | None = None
    version: int = 0
    last_error: str = ""

    def __post_init__(self) -> None:
        # The database's clock, carried on by our own monotonic one: no process clock is compared.
        self.began_at = self.operation.updated_at
        self.leased_at = self.started

    def now(self) -> datetime:
        """The database's time."""
        return self.began_at + timedelta(seconds=time.monotonic() - self.started)

    @property
    def name(self) -> str:
        """For crash points: `number_assign`."""
        return self.operation.kind.value.lower()

    async def write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """One fenced transaction; tried again while the database is away and the lease lasts.

        What the carrier answered is worth keeping: without it the next worker has to ask again.
        """
        while True:
            try:
                return await self.services.workshop.transact(Scope.worker(), work)
            except DatabaseFault as fault:
                if not fault.retryable or self._left() <= self.services.timings.lease_margin:
                    raise
            await asyncio.sleep(self.services.timings.retry_pause)

    def _left(self) -> float:
        """Seconds of our lease."""
        return self.leased_at + self.services.timings.lease - time.monotonic()

    async def carry(self) -> float | None:
        """Step until the saga waits or ends; seconds to wait, or None."""
        known = await facts.gather(self.services, self.operation)
        self.version = known.version
        state = known.state
        self.marked_at = state.doubt_at
        caller = Caller(
            self.services,
            TelephoneNumber(self.operation.subject),
            self.operation.lane,
            self.now,
        )
        event: Event | None = Began(self.now(), self.services.jitter())
        effects: tuple[Effect, ...] = ()
        while event is not None:
            self.last_error = event.cause or self.last_error
            state, effects = saga.step(state, event, self.services.timings)
            for effect in effects:
                event = await self._perform(caller, state, effect)
        last = effects[-1]
        return last.seconds if isinstance(last, Wait) else None

    async def _perform(self, caller: Caller, state: State, effect: Effect) -> Event | None:
        match effect:
            case Mark():
                return await self._mark(state)
            case Send():
                return await self._send(caller, state)
            case Look():
                return await caller.look(state.facts)
            case Page():
                await self.write(lambda session: settling.page(session, self))
                return None
            case Wait():
                await self.write(lambda session: settling.wait(session, self, state, effect))
                return None
            case _:
                return await settling.settle(self, state, effect)

    async def _mark(self, state: State) -> Event:
        crashpoint(f"{self.name}.before_mark")
        asked = time.monotonic()
        lease = timedelta(seconds=self.services.timings.lease)
        call = state.facts.call.value

        async def work(session: AsyncSession) -> Operation | None:
            await operations.renew(session, self.operation.id, self.operation.fence, lease)
            return await operations.mark_sent(
                session, self.operation.id, self.operation.fence, call
            )

        marked = await self.write(work)
        if marked is None:
            raise LeaseLost
        self.operation, self.leased_at = marked, asked
        self.marked_at = datetime.fromisoformat(marked.sent[call])
        return Marked(self.marked_at, self.services.jitter())

    async def _send(self, caller: Caller, state: State) -> Event:
        crashpoint(f"{self.name}.before_send")
        if self._left() <= self.services.timings.lease_margin:
            raise LeaseLost  # a worker that was stopped for a while must not send any more
        event = await caller.send(state.facts)
        crashpoint(f"{self.name}.after_send")
        return event
