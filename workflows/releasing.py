"""Giving dids back: RELEASING (and not routed) at once, DISCONNECTED when the carrier agrees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, dids, operations
from db.tables import Did, Operation
from numbering.actors import Actor
from numbering.lanes import Lane
from numbering.lifecycle import (
    DID_MOVES,
    AuditAction,
    OperationKind,
)
from numbering.refusals import NotFound, Refusal, WrongState
from workflows import accepting, intents, outcomes, recording, requested
from workflows.accepted import Accepted
from workflows.commands import ReleaseDids
from workflows.intents import Place

if TYPE_CHECKING:
    from workflows.wiring import Services

LONGEST_REASON = 500


async def release(services: Services, actor: Actor, command: ReleaseDids) -> Accepted:
    """Give dids back, each for itself; the rows stay, with the end of their billing."""

    async def work(session: AsyncSession) -> Accepted:
        return await _Releasing(services, actor, command, session).run()

    accepted = await accepting.once(services, actor, "releaseDids", command, work)
    await outcomes.settled(services, actor, accepted.operation_ids)
    return accepted


@dataclass(slots=True)
class _Releasing:
    """The transaction of one releaseDids."""

    services: Services
    actor: Actor
    command: ReleaseDids
    session: AsyncSession

    async def run(self) -> Accepted:
        reason = requested.text(self.command.reason, LONGEST_REASON, "reason", required=True)
        asked = requested.ids(self.command.did_ids, self.services.max_dids, "didIds")
        known = await dids.by_ids(self.session, list(asked.paths))
        few = len(asked.paths) <= self.services.interactive_assigns
        lane = Lane.INTERACTIVE if few else Lane.BULK
        begun: list[UUID] = []
        for turn, did_id in enumerate(sorted(asked.paths)):
            try:
                did = await self._mark(known.get(did_id), reason)
            except Refusal as refusal:
                asked.refuse(did_id, refusal)
            else:
                begun += await self._begin(did, Place(lane=lane, priority=-turn))
        if not asked.paths:
            raise accepting.Several(asked.refusals)
        return Accepted(
            did_ids=tuple(asked.paths),
            operation_ids=tuple(begun),
            refusals=tuple(asked.refusals),
        )

    async def _mark(self, did: Did | None, reason: str) -> Did:
        if did is None:
            raise NotFound("number")
        marked = await dids.mark_releasing(self.session, did.id, reason)
        if marked is None:
            raise WrongState(did.status, sorted(DID_MOVES[did.status]))
        await recording.note(
            self.session,
            self.actor,
            AuditAction.RELEASE,
            customer_id=did.customer_id,
            number=did.number,
            before={"status": did.status},
            after={"status": marked.status},
            reason=reason,
        )
        return marked

    async def _begin(self, did: Did, place: Place) -> list[UUID]:
        """The release, or nothing when what is under way on the number begins it at its end."""
        now = await clock.now(self.session)
        deadline = now + timedelta(seconds=self.services.timings.patience)
        live = (await operations.live_for(self.session, [did.number])).get(did.number)
        if live is not None:
            await self._out_of_the_way(live)
        operation = intents.release_did(did, self.actor, place, deadline=deadline)
        begun = await recording.begin(self.session, operation)
        return [begun.id] if begun is not None else []

    async def _out_of_the_way(self, live: Operation) -> None:
        """A push has no purpose any more. It finds that out now, be it waiting or with staff."""
        if live.kind is not OperationKind.METADATA_PUSH:
            return
        due = await operations.hurry(self.session, live.id) or await operations.revive(
            self.session, live.id
        )
        if due is not None:
            await recording.enqueue(self.session, [due])
