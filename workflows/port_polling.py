"""One durable poller for each project, whoever watches and however many (invariant I8; S11).

It never fails and counts no attempts: a look that comes to nothing makes the progress stale, and it
comes again. It ends in the transaction in which it sees that there is nothing more to watch; who
makes something to watch holds the project's lock, and begins it again or hurries it
(`port_watching`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, port_counts, port_numbers, port_projects, standing
from db.port_counts import PortCounts
from db.tables import PortProject
from numbering.actors import Scope
from numbering.lanes import Lane
from numbering.lifecycle import OperationKind
from numbering.porting import PortNumberState, PortStatus
from teliport import errors
from teliport.wire_ports import PortRecord
from workflows import carrier_news, errands, port_progress
from workflows.calling import words_for
from workflows.crashpoints import crashpoint
from workflows.grip import Grip
from workflows.news_terms import CARRIER, WATCHED, News, Outcome, told_by

if TYPE_CHECKING:
    from db.tables import Operation
    from workflows.timings import Timings
    from workflows.wiring import Services

log = structlog.get_logger(__name__)

_P = PortStatus
_OLD = timedelta(seconds=60)
_ACTIVE = frozenset({_P.ACTIVATING, _P.PARTIAL, _P.COMPLETE})
# Our own limit, not the carrier: progress is stale only when this has lasted.
_OURS = (errors.RateLimited, errors.BudgetExhausted)


async def carry(services: Services, operation: Operation) -> float | None:
    """One look at the carrier; seconds until the next, or None when there is nothing to watch.

    Raises LeaseLost and DatabaseFault.
    """
    grip = Grip(services, operation)
    project_id = UUID(operation.subject)
    async with services.workshop.read(Scope.worker()) as reader:
        project = (await port_projects.by_ids(reader, [project_id]))[project_id]
        counts = (await port_counts.counts_of(reader, [project_id]))[project_id]
        active = await port_numbers.of_project(reader, project_id, states=(PortNumberState.ACTIVE,))
        polls = sum(
            each.count
            for each in await standing.operations(reader)
            if each.kind is OperationKind.PORT_POLL
        )
    look = _Look(grip, project, counts, frozenset(row.number for row in active), polls)
    return await look.take()


class _Look:
    """One look: what it begins with, and the transactions that end it."""

    def __init__(
        self,
        grip: Grip,
        project: PortProject,
        counts: PortCounts,
        active: Collection[str],
        polls: int,
    ) -> None:
        self.grip = grip
        self.services = grip.services
        self.project = project
        self.counts = counts
        self.active = active
        self.polls = polls

    async def take(self) -> float | None:
        """Ask, write down, and say when to come again."""
        if self.project.status not in WATCHED or self.project.carrier_id is None:
            return await self.grip.write(self._unasked)
        try:
            news = await self._news(self.project.carrier_id)
        except errors.TeliportError as error:
            log.info("ports.unseen", project_id=str(self.project.id), error=words_for(error))
            failure = error  # the name ends with the block
            return await self.grip.write(lambda session: self._stale(session, failure))
        outcome, seconds = Outcome.MORE, None
        while outcome is Outcome.MORE:
            crashpoint("port_poll.before_settle")
            outcome, seconds = await self.grip.write(lambda session: self._taken(session, news))
            crashpoint("port_poll.after_settle")
        return seconds

    # ── asking ───────────────────────────────────────────────────────────────────────────────
    async def _news(self, carrier_id: str) -> News:
        """As few calls as tell what changed. Raises TeliportError."""
        portability = self.services.teliport.portability
        wait = self.services.timings.bulk_send_wait
        if self.project.status is _P.VALIDATING:
            progress = await portability.progress(carrier_id, lane=Lane.BULK, wait=wait)
            if progress.running:
                return News(progress=progress)
            return await self._all(carrier_id)
        record = await portability.project(carrier_id, lane=Lane.BULK, wait=wait)
        if not self._numbers_changed(record):
            return News(record=record)
        return await self._all(carrier_id)

    async def _all(self, carrier_id: str) -> News:
        return await carrier_news.gather(
            self.services, carrier_id, lane=Lane.BULK, rows=True, known=self.active
        )

    def _numbers_changed(self, record: PortRecord) -> bool:
        """Whether the carrier has more active or failed numbers than we know of."""
        if told_by(record) not in _ACTIVE:
            return False
        stats = record.stats
        known = (self.counts.active, self.counts.failed, 0)
        return stats is None or (stats.active, stats.failed, self.counts.submitted) != known

    # ── writing ──────────────────────────────────────────────────────────────────────────────
    async def _taken(self, session: AsyncSession, news: News) -> tuple[Outcome, float | None]:
        outcome = await carrier_news.take_in(
            session, self.services, self.project, news, cause="poll", actor=CARRIER
        )
        if outcome is Outcome.MORE:
            await errands.renew(session, self.grip)
            return outcome, None
        soon = self.services.timings.poll_soon if outcome is Outcome.AGAIN else None
        return outcome, await self._next(session, soon)

    async def _unasked(self, session: AsyncSession) -> float | None:
        await port_projects.locked(session, self.project.id)
        return await self._next(session, None)

    async def _stale(self, session: AsyncSession, error: errors.TeliportError) -> float | None:
        """Said once; then less and less often asked, until the carrier is back."""
        project = await port_projects.locked(session, self.project.id)
        assert project is not None  # noqa: S101  projects are never deleted
        now = await clock.now(session)
        heard_at = max(project.checked_at or project.status_since, project.status_since)
        away = not isinstance(error, _OURS) or now - heard_at > _OLD
        if away and not project.stale:
            changed = await port_projects.change(session, project.id, stale=True)
            assert changed is not None  # noqa: S101  locked
            await port_progress.tell(session, changed)
        since = project.updated_at if project.stale else now
        pause = errands.pause(
            since, now, max(self.services.timings.poll_first, error.retry_after or 0.0)
        )
        return await self._next(session, pause, error=words_for(error))

    async def _next(
        self, session: AsyncSession, seconds: float | None, error: str | None = None
    ) -> float | None:
        """Come again, or end: under the lock on the project nobody begins to watch meanwhile."""
        project = (await port_projects.by_ids(session, [self.project.id]))[self.project.id]
        if project.status not in WATCHED:
            await errands.end(session, self.grip)
            return None
        if seconds is None:
            now, timings = await clock.now(session), self.services.timings
            seconds = pace(project, now, self._share(), timings)
        return await errands.wait(session, self.grip, seconds, error=error, attempt=0)

    def _share(self) -> float:
        """How much longer the projects at the carrier wait when there are very many."""
        a_minute = self.services.port_limits.polls_per_minute
        cap = a_minute * self.services.timings.poll_at_carrier / 60
        return max(1.0, self.polls / cap)


def pace(project: PortProject, now: datetime, share: float, timings: Timings) -> float:
    """Seconds between looks at a project in this status; `share` stretches the long ones."""
    if project.status is not _P.VALIDATING:
        return timings.poll_at_carrier * share
    age = (now - project.status_since).total_seconds()
    if age < timings.poll_first_until:
        return timings.poll_first
    return timings.poll_later if age < timings.poll_later_until else timings.poll_slow
