"""The sweeper: whatever was missed, lost or left behind is found again from the rows alone.

Losing every job loses nothing: an operation that is due and that nobody has in hand gets a new one.
Each duty is a transaction of its own, so that one that fails does not keep the others back. Any
number of sweepers may run at once: unique indexes and locks decide.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, dids, idempotency, operations
from numbering.actors import Actor, Scope
from workflows import (
    expiry,
    follow_ups,
    notices,
    port_pursuit,
    port_stalls,
    port_watching,
    recording,
    strays,
)

if TYPE_CHECKING:
    from workflows.wiring import Services

SYSTEM = Actor.system("sweeper")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one pass found, by duty."""

    stranded: int = 0
    expired: int = 0
    followed_up: int = 0
    strays: int = 0
    ports: int = 0
    polls: int = 0
    stalls: int = 0
    notices: int = 0


async def sweep(services: Services) -> Swept:
    """One pass over all duties. Raises DatabaseFault; the next pass makes up for it."""
    found: dict[str, int] = {}
    for duty, work in DUTIES.items():
        found[duty] = await work(services)
    swept = Swept(**found)
    if swept != Swept():
        log.info("sweeper.found", **found)
    return swept


async def _stranded(services: Services) -> int:
    async def work(session: AsyncSession) -> int:
        found = await operations.stranded(session)
        await recording.enqueue(session, found)
        return len(found)

    return await services.workshop.transact(Scope.worker(), work)


async def _followed_up(services: Services) -> int:
    """RELEASING dids and old metadata with no operation that sees to them."""

    async def work(session: AsyncSession) -> int:
        now = await clock.now(session)
        rows = [*await dids.unreleased(session), *await dids.out_of_sync(session)]
        made = [await follow_ups.for_row(session, d, SYSTEM, now, services.timings) for d in rows]
        return sum(each is not None for each in made)

    return await services.workshop.transact(Scope.worker(), work)


DUTIES: Mapping[str, Callable[[Services], Awaitable[int]]] = {
    "stranded": _stranded,
    "expired": expiry.expire,
    "followed_up": _followed_up,
    "strays": strays.watch,
    "ports": port_pursuit.pursue_due,
    "polls": port_watching.watch_due,
    "stalls": port_stalls.judge_due,
    "notices": notices.send_due,
}


async def prune(services: Services) -> int:
    """Forget old idempotency keys (decisions 17); hourly is plenty."""
    return await services.workshop.transact(Scope.worker(), idempotency.prune)
