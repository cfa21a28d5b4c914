"""The worker process: carries operations until it is told to stop, and shows how it is."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog
import uvicorn
from starlette.applications import Starlette

from db import signs
from db.errors import DatabaseFault
from gateway import health
from gateway.settings import Settings, required
from gateway.wiring import Platform, platform
from numbering.actors import Scope
from workflows.worker import Worker

SIGN_SECONDS = 5.0

log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; what is under way is finished or given back."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    url = settings.worker_database_url
    dsn = required("WORKER_DATABASE_URL", url)
    async with platform(settings, url=url, application_name="warp-worker") as opened:
        worker = Worker(opened.services, dsn)
        log.info("worker.started", process=name())
        async with signs_given(opened), exposed(opened, settings):
            await worker.run(stop)
        log.info("worker.stopped", process=name())


def name() -> str:
    """This process, for signs of life and logs."""
    return f"{socket.gethostname()}:{os.getpid()}"


@asynccontextmanager
async def signs_given(opened: Platform) -> AsyncIterator[None]:
    """Say every few seconds that this worker lives, until the block is left."""

    async def give() -> None:
        while True:
            # A database that is away hears of us when it is back.
            with suppress(DatabaseFault):
                async with opened.services.database.write(Scope.worker()) as session:
                    await signs.give(session, name())
            await asyncio.sleep(SIGN_SECONDS)

    task = asyncio.create_task(give())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


class QuietServer(uvicorn.Server):
    """A uvicorn that leaves the signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


@asynccontextmanager
async def exposed(opened: Platform, settings: Settings) -> AsyncIterator[None]:
    """Serve health and metrics of this process until the block is left."""
    if not settings.worker_metrics_port:
        yield
        return
    app = Starlette(routes=health.routes(lambda: opened))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.worker_metrics_port,
        log_config=None,
        lifespan="off",
        ws="none",
    )
    server = QuietServer(config)
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait({task})
