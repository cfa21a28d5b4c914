"""One call of the port saga to the carrier, or one look, and what it means as an event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import structlog

from numbering.lanes import Lane
from numbering.telephone import TelephoneNumber
from teliport import errors
from teliport.portability import ProjectFields
from workflows import port_secrets, port_wanted
from workflows.calling import words_for
from workflows.port_facts import PortFacts
from workflows.port_saga_terms import Absent, Applied, Declined, Lost, PortCall, PortSight
from workflows.saga_terms import Barred, Doubtful, Event, Unseen, Unsent

if TYPE_CHECKING:
    from datetime import datetime

    from teliport.portability import Portability
    from workflows.wiring import Services

log = structlog.get_logger(__name__)

# 429, budget and breaker: the call was not made or not looked at, so it is no attempt.
_WAITS = (errors.RateLimited, errors.Paced)
_TOKEN = (errors.TokenRejected, errors.PermissionDenied)


def _unclear() -> NoReturn:
    """A 2xx that does not say what was asked for proves nothing."""
    raise errors.UnexpectedAnswer("the answer does not say that it was done")


@dataclass(frozen=True, slots=True)
class PortCaller:
    """Makes the calls for one operation; `now` is the database's clock."""

    services: Services
    facts: PortFacts
    lane: Lane
    now: Callable[[], datetime]

    async def tell(self, call: PortCall) -> Event:
        """The write."""
        try:
            sight = await _TELL[call](self)
        except errors.TeliportError as error:
            self._note("port.tell", call, error)
            return self._failed_write(error)
        return Applied(self.now(), sight=sight)

    async def look(self, call: PortCall) -> Event:
        """Whether that write took effect."""
        try:
            sight = await _LOOK[call](self)
        except errors.NotFound:
            # Before the first upload there is no progress to ask for.
            unknown = Absent if call is PortCall.UPLOAD else Lost
            return unknown(self.now(), self.services.jitter(), "NotFound 404")
        except errors.TeliportError as error:
            self._note("port.look", call, error)
            return self._failed_look(error)
        return Absent(self.now()) if sight is None else Applied(self.now(), sight=sight)

    # ── writes ───────────────────────────────────────────────────────────────────────────────
    async def create(self) -> PortSight:
        record = await self._portability.create(self._fields, **self._turn)
        return PortSight(carrier_id=record.id)

    async def update(self) -> PortSight:
        await self._portability.update(self.facts.carrier_id, self._fields, **self._turn)
        return PortSight()

    async def remove(self) -> PortSight:
        numbers = [TelephoneNumber(row.number) for row in self.facts.removals]
        await self._portability.remove(self.facts.carrier_id, numbers, **self._turn)
        return PortSight()

    async def upload(self) -> PortSight:
        content = await asyncio.to_thread(
            port_secrets.carrier_file,
            self.facts.rows,
            self.facts.project.losing_carrier,
            self.services.vault,
        )
        job_id = await self._portability.upload(self.facts.carrier_id, content, **self._turn)
        return PortSight(job_id=job_id)

    async def submit(self) -> PortSight:
        foc_date = port_wanted.foc_date(self.facts.request)
        answer = await self._portability.submit(self.facts.carrier_id, foc_date, **self._turn)
        return self._submitted(answer.lsr_id) or _unclear()

    async def cancel(self) -> PortSight:
        reason = port_wanted.reason(self.facts.request)
        answer = await self._portability.cancel(self.facts.carrier_id, reason, **self._turn)
        return PortSight() if answer.cancelled else _unclear()

    async def activate(self) -> PortSight:
        answer = await self._portability.activate(
            self.facts.carrier_id, self.facts.numbers, **self._turn
        )
        return PortSight(failed=tuple(failure.number for failure in answer.failed))

    # ── looks: None means that there is no effect so far ─────────────────────────────────────
    async def created(self) -> PortSight | None:
        page, pages = 0, 1
        while page < pages:
            found = await self._portability.projects(page=page, **self._turn)
            for record in found.projects:
                if self.facts.mark in (record.description or ""):
                    return PortSight(carrier_id=record.id)
            page, pages = page + 1, found.pages
        return None

    async def updated(self) -> PortSight | None:
        record = await self._portability.project(self.facts.carrier_id, **self._turn)
        mark = f"{self.facts.mark}{self.facts.version}]"
        return PortSight() if mark in (record.description or "") else None

    async def removed(self) -> PortSight | None:
        gone = {row.number for row in self.facts.removals}
        left = [
            row
            for row in await self._portability.rows(self.facts.carrier_id, **self._turn)
            if row.number in gone
        ]
        return None if left else PortSight()

    async def uploaded(self) -> PortSight | None:
        progress = await self._portability.progress(self.facts.carrier_id, **self._turn)
        if progress.job_id in {None, self.facts.request["known_job"]}:
            return None
        return PortSight(job_id=progress.job_id)

    async def submitted(self) -> PortSight | None:
        record = await self._portability.project(self.facts.carrier_id, **self._turn)
        return self._submitted(record.lsr_id)

    async def cancelled(self) -> PortSight | None:
        record = await self._portability.project(self.facts.carrier_id, **self._turn)
        return PortSight() if record.cancelled else None

    async def activated(self) -> PortSight | None:
        rows = await self._portability.rows(self.facts.carrier_id, **self._turn)
        active = {row.number for row in rows if row.active}
        return PortSight() if active.issuperset(self.facts.numbers) else None

    def _submitted(self, lsr_id: str | None) -> PortSight | None:
        """Another LSR than the one before is what a submission makes."""
        new = lsr_id is not None and lsr_id != self.facts.request["known_lsr"]
        return PortSight(lsr_id=lsr_id) if new else None

    # ── what all calls share ─────────────────────────────────────────────────────────────────
    @property
    def _portability(self) -> Portability:
        return self.services.teliport.portability

    @property
    def _turn(self) -> dict[str, Any]:
        timings = self.services.timings
        interactive = self.lane is Lane.INTERACTIVE
        wait = timings.send_wait if interactive else timings.bulk_send_wait
        return {"lane": self.lane, "wait": wait}

    @property
    def _fields(self) -> ProjectFields:
        project = self.facts.project
        return ProjectFields(
            name=project.name,
            description=self.facts.description,
            requested_foc_date=project.requested_foc_date,
            losing_carrier=project.losing_carrier,
            authorized_person=project.authorized_person,
            authorized_title=project.authorized_title,
        )

    def _failed_write(self, error: errors.TeliportError) -> Event:
        said = (self.now(), self.services.jitter(), words_for(error))
        if isinstance(error, errors.NotApplied):
            counted = not isinstance(error, _WAITS)
            return Unsent(*said, retry_after=error.retry_after or 0.0, counted=counted)
        if isinstance(error, _TOKEN):
            return Barred(*said)
        if isinstance(error, errors.Definitive):
            return Declined(*said, status=error.status or 0)
        return Doubtful(*said)

    def _failed_look(self, error: errors.TeliportError) -> Event:
        said = (self.now(), self.services.jitter(), words_for(error))
        if isinstance(error, _TOKEN):
            return Barred(*said, sending=False)
        counted = not isinstance(error, _WAITS)
        return Unseen(*said, retry_after=error.retry_after or 0.0, counted=counted)

    def _note(self, event: str, call: PortCall, error: errors.TeliportError) -> None:
        project_id = str(self.facts.project.id)
        log.info(event, project_id=project_id, call=call, error=words_for(error))


Answer = Callable[[PortCaller], Awaitable[PortSight]]
Glance = Callable[[PortCaller], Awaitable[PortSight | None]]

_TELL: Mapping[PortCall, Answer] = {
    PortCall.CREATE: PortCaller.create,
    PortCall.UPDATE: PortCaller.update,
    PortCall.REMOVE: PortCaller.remove,
    PortCall.UPLOAD: PortCaller.upload,
    PortCall.SUBMIT: PortCaller.submit,
    PortCall.CANCEL: PortCaller.cancel,
    PortCall.ACTIVATE: PortCaller.activate,
}
_LOOK: Mapping[PortCall, Glance] = {
    PortCall.CREATE: PortCaller.created,
    PortCall.UPDATE: PortCaller.updated,
    PortCall.REMOVE: PortCaller.removed,
    PortCall.UPLOAD: PortCaller.uploaded,
    PortCall.SUBMIT: PortCaller.submitted,
    PortCall.CANCEL: PortCaller.cancelled,
    PortCall.ACTIVATE: PortCaller.activated,
}
