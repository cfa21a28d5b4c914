"""The worker: pgqueuer brings operations up, `engine.carry` carries them, the sweeper makes sure.

pgqueuer is transport only (ADR 0011). Two entrypoints with limits of their own, so that bulk that
waits for the carrier never holds up a person. The handler raises nothing but a request to come
back: pgqueuer would log the text of anything else, and delete the job.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import structlog
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.models import Job
from pgqueuer.errors import PgqException, RetryRequested

from db import jobs
from db.errors import DRIVER_FAULTS
from workflows import engine, sweeper

if TYPE_CHECKING:
    from workflows.wiring import Services

log = structlog.get_logger(__name__)
CONNECT_SECONDS = 3.0
POOL = 4  # one listens, one dequeues, the others beat and settle
BATCH = 10
PRUNE_SECONDS = 3600.0
# What a PostgreSQL that goes away raises through asyncpg and pgqueuer (reliability.md 1.3, 5.2).
LOST = (*DRIVER_FAULTS, PgqException)


class Worker:
    """Runs until told to stop; survives restarts of the database.

    `alive_at` is the monotonic time of the last sign of life of its own loops.
    """

    def __init__(
        self,
        services: Services,
        dsn: str,
        *,
        interactive_concurrency: int = 8,
        bulk_concurrency: int = 8,
    ) -> None:
        self._services = services
        self._dsn = dsn
        self._limits = {jobs.INTERACTIVE: interactive_concurrency, jobs.BULK: bulk_concurrency}
        self.alive_at = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; what is under way is finished first."""
        sweeping = asyncio.create_task(self._sweep(stop), name="sweeper")
        try:
            while not stop.is_set():
                await self._run_queue(stop)
                await self._pause(stop, self._services.timings.retry_pause)
        finally:
            await sweeping

    async def handle(self, job: Job) -> None:
        """One job. Raises RetryRequested, and nothing else."""
        delay = await self._carried(job)
        self.alive_at = time.monotonic()
        if delay is not None:
            raise RetryRequested(timedelta(seconds=delay))

    async def _carried(self, job: Job) -> float | None:
        operation_id = (job.payload or b"").decode()
        try:
            return await engine.carry(self._services, UUID(operation_id))
        except Exception as fault:  # noqa: BLE001  the named boundary: pgqueuer would log its text
            log.warning("worker.fault", operation_id=operation_id, error=type(fault).__name__)
            return self._services.timings.retry_pause

    async def _run_queue(self, stop: asyncio.Event) -> None:
        """One life of the queue's connections. What ends it is answered with another life."""
        try:
            pool = await asyncpg.create_pool(
                self._dsn, min_size=2, max_size=POOL, timeout=CONNECT_SECONDS
            )
        except LOST as fault:
            log.warning("worker.no_connection", error=type(fault).__name__)
            return
        try:
            await self._run_on(pool, stop)
        except LOST as fault:
            log.warning("worker.queue_lost", error=type(fault).__name__)
        finally:
            # Not `close`: it would wait for connections to a server that is gone.
            pool.terminate()

    async def _run_on(self, pool: asyncpg.Pool, stop: asyncio.Event) -> None:
        queue = QueueManager(jobs.queries(pool), jobs.CHANNEL)
        for entrypoint, limit in self._limits.items():
            # A job that is lost is found again by the sweeper; a held one would block its key.
            queue.entrypoint(entrypoint, concurrency_limit=limit, on_failure="delete")(self.handle)
        stopper = asyncio.create_task(_stopped(queue, stop))
        try:
            await queue.run(
                dequeue_timeout=timedelta(seconds=self._services.timings.sweep_every),
                batch_size=BATCH,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=timedelta(seconds=self._services.timings.lease),
            )
        finally:
            stopper.cancel()

    async def _sweep(self, stop: asyncio.Event) -> None:
        timings, pruned_at = self._services.timings, float("-inf")
        while not stop.is_set():
            try:
                await sweeper.sweep(self._services)
                if time.monotonic() - pruned_at > PRUNE_SECONDS:
                    await sweeper.prune(self._services)
                    pruned_at = time.monotonic()
            except Exception as fault:  # noqa: BLE001  the named boundary: it goes on for ever
                log.warning("sweeper.fault", error=type(fault).__name__)
            self.alive_at = time.monotonic()
            await self._pause(stop, timings.sweep_every)

    async def _pause(self, stop: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stop.wait()


async def _stopped(queue: QueueManager, stop: asyncio.Event) -> None:
    await stop.wait()
    queue.shutdown.set()
