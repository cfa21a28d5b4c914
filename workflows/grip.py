"""A worker's grip on an operation: its clock, its lease and its fenced writes.

Not a "hold", which is a customer's on a number. Whoever has lost the grip may still be running, so
each write is fenced, and nothing is sent when the lease may be over (reliability.md 3).
"""

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
from workflows.crashpoints import crashpoint
from workflows.leases import LeaseLost

if TYPE_CHECKING:
    from db.tables import Operation
    from workflows.wiring import Services

T = TypeVar("T")


@dataclass(slots=True)
class Grip:
    """`operation` is the row as last written under our fence."""

    services: Services
    operation: Operation
    started: float = field(default_factory=time.monotonic)
    began_at: datetime = field(init=False)
    leased_at: float = field(init=False)
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

    async def mark(self, call: str) -> datetime:
        """Write down that this call may leave the building now, and take a whole lease for it."""
        crashpoint(f"{self.name}.before_mark")
        asked = time.monotonic()
        lease = timedelta(seconds=self.services.timings.lease)

        async def work(session: AsyncSession) -> Operation | None:
            await operations.renew(session, self.operation.id, self.operation.fence, lease)
            return await operations.mark_sent(
                session, self.operation.id, self.operation.fence, call
            )

        marked = await self.write(work)
        if marked is None:
            raise LeaseLost
        self.operation, self.leased_at = marked, asked
        return datetime.fromisoformat(marked.sent[call])

    def ready_to_send(self) -> None:
        """LeaseLost for a worker that was stopped for a while: it must not send any more."""
        crashpoint(f"{self.name}.before_send")
        if self._left() <= self.services.timings.lease_margin:
            raise LeaseLost
