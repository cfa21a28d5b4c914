"""Carries what is told to the carrier about a port: create, upload, submit, cancel, activate."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import incidents, operations, port_projects
from db.tables import Operation
from numbering.lifecycle import OperationState
from workflows import incident_opening, port_ending, port_facts, port_saga, settling
from workflows.crashpoints import crashpoint
from workflows.grip import Grip
from workflows.leases import held
from workflows.port_calling import PortCaller
from workflows.port_ending import PortCase
from workflows.port_facts import PortFacts
from workflows.port_saga_terms import (
    Keep,
    Kept,
    PortEffect,
    PortEnd,
    PortState,
    Refused,
    Succeed,
    Tell,
)
from workflows.saga_terms import Began, Event, Look, Mark, Marked, Page, Wait

if TYPE_CHECKING:
    from workflows.wiring import Services


async def carry(services: Services, operation: Operation) -> float | None:
    """Carry a claimed operation as far as it goes now; seconds until its next look, or None.

    Raises LeaseLost and DatabaseFault.
    """
    return await PortRun(services, operation).carry()


@dataclass(slots=True)
class PortRun(Grip):
    """The loop of saga steps of one project, under one worker's hold."""

    facts: PortFacts = field(init=False)
    caller: PortCaller = field(init=False)

    async def carry(self) -> float | None:
        """Step until the saga waits or ends; seconds to wait, or None."""
        self.facts, state = await port_facts.gather(self)
        self.caller = PortCaller(self.services, self.facts, self.operation.lane, self.now)
        event: Event | None = Began(self.now(), self.services.jitter())
        effects: tuple[PortEffect, ...] = ()
        while event is not None:
            self.last_error = event.cause or self.last_error
            state, effects = port_saga.step(state, event, self.services.timings)
            for effect in effects:
                event = await self._perform(state, effect)
        last = effects[-1]
        return last.seconds if isinstance(last, Wait) else None

    async def _perform(self, state: PortState, effect: PortEffect) -> Event | None:
        match effect:
            case Mark():
                return Marked(await self.mark(state.calls[0].value), self.services.jitter())
            case Tell():
                self.ready_to_send()
                event = await self.caller.tell(effect.call)
                crashpoint(f"{self.name}.after_send")
                return event
            case Look():
                return await self.caller.look(state.calls[0])
            case Keep():
                await self.write(lambda session: self._kept(session, state, effect))
                return Kept(self.now(), self.services.jitter())
            case Page():
                await self.write(self._page)
            case Wait():
                await self.write(lambda session: self._wait(session, state, effect))
            case _:
                crashpoint(f"{self.name}.before_settle")
                await self.write(lambda session: self._settled(session, state, effect))
                crashpoint(f"{self.name}.after_settle")
        return None

    def _case(self, row: Operation) -> PortCase:
        return PortCase(row, self.facts, self.now(), self.services.timings)

    async def _kept(self, session: AsyncSession, state: PortState, keep: Keep) -> None:
        """One step is done: its mark goes, and with it the doubt."""
        await self._lock(session)
        row = held(
            await operations.progress(
                session,
                self.operation.id,
                self.operation.fence,
                sent=port_facts.marks_of(state),
                attempt=state.attempt,
            )
        )
        await port_ending.keep(session, self._case(row), keep.call, keep.sight)

    async def _lock(self, session: AsyncSession) -> None:
        """The project before its operation, as acceptance does: or the two wait for each other."""
        await port_projects.locked(session, self.facts.project.id)

    async def _page(self, session: AsyncSession) -> None:
        await incidents.open_once(session, settling.REFUSED_TOKEN, self.last_error or None)

    async def _wait(self, session: AsyncSession, state: PortState, effect: Wait) -> None:
        doubt = OperationState.UNKNOWN if effect.doubtful else OperationState.WAITING
        held(
            await operations.wait(
                session,
                self.operation.id,
                self.operation.fence,
                timedelta(seconds=effect.seconds),
                state=doubt,
                attempt=state.attempt,
                sent=port_facts.marks_of(state),
                last_error=self.last_error or None,
            )
        )

    async def _settled(self, session: AsyncSession, state: PortState, effect: PortEnd) -> None:
        await self._lock(session)
        match effect:
            case Succeed():
                row = await self._ended(session, state, OperationState.SUCCEEDED)
                await port_ending.succeed(session, self._case(row), effect.call, effect.sight)
            case Refused() if port_ending.can_be_refused(self._case(self.operation)):
                row = await self._ended(session, state, OperationState.FAILED, effect)
                await port_ending.refuse(session, self._case(row), effect.status)
            case Refused():
                await self._attended(session, state, "The carrier refuses to cancel this project")
            case _:
                await self._attended(session, state, effect.summary)

    async def _ended(
        self,
        session: AsyncSession,
        state: PortState,
        end: OperationState,
        refused: Refused | None = None,
    ) -> Operation:
        error = None
        if refused is not None:
            error = port_ending.refusal_of(self._case(self.operation), refused.status).as_json()
        row = held(
            await operations.settle(
                session,
                self.operation.id,
                self.operation.fence,
                end,
                error=error,
                attempt=state.attempt,
                sent={},
                last_error=self.last_error or None,
            )
        )
        await incidents.resolve_for(
            session, row.id, by="WARP", resolution=f"The operation ended: {end.value}"
        )
        return row

    async def _attended(self, session: AsyncSession, state: PortState, summary: str) -> None:
        row = held(
            await operations.attention(
                session,
                self.operation.id,
                self.operation.fence,
                last_error=self.last_error or summary,
                attempt=state.attempt,
                sent=port_facts.marks_of(state),
            )
        )
        await incident_opening.opened(session, row, summary)
