"""One call of a saga to the carrier, and what its outcome means as an event of that saga."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from numbering.lanes import Lane
from numbering.telephone import TelephoneNumber
from teliport import errors
from teliport.inventory import APPLICATION_ID
from teliport.wire import CarrierRecord
from workflows.saga_terms import (
    Answered,
    Barred,
    Call,
    Declined,
    Doubtful,
    Event,
    Facts,
    Seen,
    Sight,
    Unseen,
    Unsent,
)

if TYPE_CHECKING:
    from datetime import datetime

    from workflows.wiring import Services

log = structlog.get_logger(__name__)

# 429, budget and breaker: the call was not made or not looked at, so it is no attempt.
_WAITS = (errors.RateLimited, errors.Paced)
_TOKEN = (errors.TokenRejected, errors.PermissionDenied)


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes the calls for one operation; `now` is the database's clock, `jitter` gives 0..1."""

    services: Services
    number: TelephoneNumber
    lane: Lane
    now: Callable[[], datetime]

    async def send(self, facts: Facts) -> Event:
        """The write of this operation."""
        try:
            record = await self._write(facts)
        except errors.TeliportError as error:
            _note("saga.send", facts, error)
            return self._failed_write(error)
        return Answered(self.now(), sight=sight_of(record))

    async def look(self, facts: Facts) -> Event:
        """A GET of the number."""
        try:
            record = await self.services.teliport.inventory.get(
                self.number, lane=self.lane, wait=self._wait()
            )
        except errors.NotFound:
            return Seen(self.now(), sight=None)
        except errors.TeliportError as error:
            _note("saga.look", facts, error)
            return self._failed_look(error)
        return Seen(self.now(), sight=sight_of(record))

    async def _write(self, facts: Facts) -> CarrierRecord:
        inventory, lane, wait = self.services.teliport.inventory, self.lane, self._wait()
        match facts.call:
            case Call.RESERVE:
                return await inventory.reserve(self.number, facts.holder, lane=lane, wait=wait)
            case Call.ASSIGN:
                return await inventory.assign(self.number, facts.wanted, lane=lane, wait=wait)
            case Call.PUT:
                return await inventory.put_metadata(self.number, facts.wanted, lane=lane, wait=wait)
            case _:
                return await inventory.release(self.number, lane=lane, wait=wait)

    def _wait(self) -> float:
        timings = self.services.timings
        return timings.send_wait if self.lane is Lane.INTERACTIVE else timings.bulk_send_wait

    def _failed_write(self, error: errors.TeliportError) -> Event:
        said = (self.now(), self.services.jitter(), words_for(error))
        if isinstance(error, errors.NotApplied):
            counted = not isinstance(error, _WAITS)
            return Unsent(*said, retry_after=error.retry_after or 0.0, counted=counted)
        if isinstance(error, _TOKEN):
            return Barred(*said)
        return (Declined if isinstance(error, errors.Definitive) else Doubtful)(*said)

    def _failed_look(self, error: errors.TeliportError) -> Event:
        said = (self.now(), self.services.jitter(), words_for(error))
        if isinstance(error, _TOKEN):
            return Barred(*said, sending=False)
        counted = not isinstance(error, _WAITS)
        return Unseen(*said, retry_after=error.retry_after or 0.0, counted=counted)


def sight_of(record: CarrierRecord) -> Sight:
    """The part of a record that sagas judge by."""
    return Sight(
        status=record.status,
        reserved_by=record.reserved_by,
        metadata=record.metadata,
        reserved_until=record.reserved_until,
        place=record.place,
        ported_in=record.ported_in and record.application_id == APPLICATION_ID,
    )


def words_for(error: errors.TeliportError) -> str:
    """What may be written down of an error: its kind and status, never a text of the carrier."""
    return f"{type(error).__name__} {error.status or ''}".strip()


def _note(event: str, facts: Facts, error: errors.TeliportError) -> None:
    log.info(event, operation_id=facts.operation_id, call=facts.call, error=words_for(error))
