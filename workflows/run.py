"""The loop of saga steps of one number, under one worker's hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from numbering.telephone import TelephoneNumber
from workflows import facts, saga, settling
from workflows.calling import Caller
from workflows.crashpoints import crashpoint
from workflows.grip import Grip
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


async def carry(services: Services, operation: Operation) -> float | None:
    """Carry a claimed operation on a number as far as it goes now.

    Seconds until its next look, or None. Raises LeaseLost and DatabaseFault.
    """
    return await Run(services, operation).carry()


@dataclass(slots=True)
class Run(Grip):
    """`version` is that of the settings which a push told the carrier."""

    marked_at: datetime | None = None
    version: int = 0

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
        self.marked_at = await self.mark(state.facts.call.value)
        return Marked(self.marked_at, self.services.jitter())

    async def _send(self, caller: Caller, state: State) -> Event:
        self.ready_to_send()
        event = await caller.send(state.facts)
        crashpoint(f"{self.name}.after_send")
        return event
