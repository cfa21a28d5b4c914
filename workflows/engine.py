"""Carries one operation: claims it, performs what its saga asks for, settles it in one transaction.

Every write is fenced: no row changed means that the lease was lost, and then this worker stops
without a word, because another one goes on from the durable mark (ADR 0011).
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from db import operations
from db.errors import DatabaseFault
from numbering.actors import Scope
from numbering.lifecycle import TERMINAL_OPERATION_STATES, OperationKind, OperationState
from workflows import carrier_events, notices, port_carrying, port_polling, run, settling
from workflows.grip import Grip
from workflows.leases import LeaseLost

if TYPE_CHECKING:
    from db.tables import Operation
    from workflows.wiring import Services

log = structlog.get_logger(__name__)

Carrier = Callable[["Services", "Operation"], Awaitable[float | None]]
CARRIERS: Mapping[OperationKind, Carrier] = {
    OperationKind.NUMBER_HOLD: run.carry,
    OperationKind.NUMBER_ASSIGN: run.carry,
    OperationKind.NUMBER_RELEASE: run.carry,
    OperationKind.METADATA_PUSH: run.carry,
    OperationKind.PORT_CREATE: port_carrying.carry,
    OperationKind.PORT_UPLOAD: port_carrying.carry,
    OperationKind.PORT_SUBMIT: port_carrying.carry,
    OperationKind.PORT_CANCEL: port_carrying.carry,
    OperationKind.PORT_ACTIVATE: port_carrying.carry,
    OperationKind.PORT_POLL: port_polling.carry,
    OperationKind.WEBHOOK: carrier_events.carry,
    OperationKind.NOTICE: notices.carry,
}
"""Who carries what: each takes a claimed operation, and raises LeaseLost or DatabaseFault."""


async def carry(services: Services, operation_id: UUID) -> float | None:
    """Carry an operation as far as it goes now; seconds until it wants to be looked at again.

    None: it ended, or went to staff. Raises nothing but DatabaseFault (and cancellation).
    """
    claimed = await _claim(services, operation_id)
    if claimed is None:
        return await _elsewhere(services, operation_id)
    grip = Grip(services, claimed)
    try:
        return await CARRIERS[claimed.kind](services, claimed)
    except LeaseLost:
        log.info("operation.lease_lost", operation_id=str(operation_id))
        return services.timings.lease
    except (DatabaseFault, asyncio.CancelledError):
        raise
    except Exception as defect:  # noqa: BLE001  the named boundary: a defect must not stop a worker
        _report(operation_id, defect)
        return await settling.after_defect(grip, defect)


async def _claim(services: Services, operation_id: UUID) -> Operation | None:
    lease = timedelta(seconds=services.timings.lease)

    async def work(session: AsyncSession) -> Operation | None:
        return await operations.claim(session, operation_id, lease)

    return await services.workshop.transact(Scope.worker(), work)


async def _elsewhere(services: Services, operation_id: UUID) -> float | None:
    """When to come back for an operation that cannot be claimed now: never, when due, or later."""
    async with services.workshop.read(Scope.worker()) as reader:
        found = (await operations.by_ids(reader, [operation_id])).get(operation_id)
        if found is None or found.state in OVER:
            return None
        until = await operations.seconds_until(reader, found.lease_until or found.run_at)
    return max(until, services.timings.retry_pause)


OVER = TERMINAL_OPERATION_STATES | {OperationState.ATTENTION}


def _report(operation_id: UUID, defect: BaseException) -> None:
    """Where and what kind, but no text: messages of defects may quote what they choked on."""
    at = traceback.extract_tb(defect.__traceback__)[-1]
    log.error(
        "operation.defect",
        operation_id=str(operation_id),
        error=type(defect).__name__,
        where=f"{Path(at.filename).name}:{at.lineno}",
    )
