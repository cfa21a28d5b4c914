"""The watch after an assign that was once in doubt: a request of it may still take effect.

* It failed, or its did was given back, and the number is in use by it now: given back by its own
  operation. The customer was told FAILED, and an acknowledged outcome is not undone (I4; ADR 0012).
  Not while a live did has the number: pushes leave our operation in the metadata, so it may be that
  did's by now, and staff have decided about it (fault matrix, S5b).
* It succeeded, and the late request reset the metadata to those of the assign: pushed once more.

Looks come at growing distances, in the sweep lane, many numbers in one call; they end after
`stray_watch`, when no request can be on its way any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from db import customers, dids, operations
from db.tables import Did, Operation
from numbering import metadata
from numbering.actors import Actor, Scope
from numbering.lanes import Lane
from numbering.lifecycle import DidStatus
from numbering.telephone import TelephoneNumber
from teliport import errors
from teliport.wire import CarrierRecord
from workflows import facts, intents, recording
from workflows.calling import sight_of, words_for
from workflows.saga_readings import assigned_by

if TYPE_CHECKING:
    from workflows.wiring import Services

SYSTEM = Actor.system("sweeper")
log = structlog.get_logger(__name__)


async def watch(services: Services) -> int:
    """One look at all that are due for one; returns how many needed something."""
    async with services.workshop.read(Scope.worker()) as reader:
        due = await operations.watched(reader)
    if not due:
        return 0
    numbers = [TelephoneNumber(operation.subject) for operation in due]
    try:
        records = await services.teliport.inventory.get_many(numbers, lane=Lane.SWEEP)
    except errors.TeliportError as error:
        log.info("strays.unseen", error=words_for(error))
        return 0

    async def work(session: AsyncSession) -> int:
        return await _looked_at(session, services, due, records)

    return await services.workshop.transact(Scope.worker(), work)


async def _looked_at(
    session: AsyncSession,
    services: Services,
    due: Sequence[Operation],
    records: Mapping[TelephoneNumber, CarrierRecord],
) -> int:
    born = await dids.of_operations(session, [operation.id for operation in due])
    acted = 0
    for operation in due:
        record = records.get(TelephoneNumber(operation.subject))
        if record is not None and _in_use(operation, record):
            acted += await _act(session, services, operation, record, born.get(operation.id))
        await _next_look(session, services, operation)
    return acted


def _in_use(operation: Operation, record: CarrierRecord) -> bool:
    at = datetime.fromisoformat(operation.request["assigned_at"])
    known = intents.facts_of(operation, assigned_at=metadata.instant(at))
    return assigned_by(known, sight_of(record), str(operation.id))


async def _act(
    session: AsyncSession,
    services: Services,
    operation: Operation,
    record: CarrierRecord,
    did: Did | None,
) -> bool:
    if did is None or did.status is DidStatus.DISCONNECTED:
        if await dids.by_numbers(session, [operation.subject]):
            return False
        log.warning("strays.found", operation_id=str(operation.id))
        deadline = operation.updated_at + timedelta(seconds=2 * services.timings.patience)
        release = intents.release_stray(operation, SYSTEM, deadline=deadline)
        return await recording.begin(session, release) is not None
    if did.status is not DidStatus.ACTIVE or did.meta_version != did.pushed_version:
        return False  # something is about to be told to the carrier anyway
    customer = (await customers.by_ids(session, [did.customer_id]))[did.customer_id]
    known = facts.did_facts(did), facts.customer_facts(customer)
    if not metadata.diff(record.metadata, *known):
        return False
    log.warning("strays.reset_metadata", operation_id=str(operation.id))
    return await dids.apply_changes(session, did.id, {}) is not None


async def _next_look(session: AsyncSession, services: Services, operation: Operation) -> None:
    """Twice as far from the end each time; the watch ends with `stray_watch`."""
    ended = operation.finished_at or operation.updated_at
    since = -await operations.seconds_until(session, ended)
    over = since >= services.timings.stray_watch
    await operations.watch_again(
        session, operation.id, None if over else timedelta(seconds=max(since, 0.0))
    )
