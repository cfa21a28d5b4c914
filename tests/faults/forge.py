"""Workers as processes, forked from a warm server that has imported everything (decisions 34)."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path

from db.engine import Database, refuse_inside_write
from db.hub import EventHub
from db.vault import Vault
from teliport.client import Teliport
from teliport.pace import NoPace
from tests.kit.stack import SECRETS_KEY
from tests.workflows.rig import PRICES
from workflows import crashpoints
from workflows.mail import LogPost, Post
from workflows.timings import Timings
from workflows.wiring import PortLimits, Services
from workflows.worker import Worker

# A lease of half a second: whoever dies is replaced before the test gets bored. And ports at the
# carrier are looked at often enough for a poller to find out that it may end.
TIMINGS = replace(
    Timings().scaled(0.01), lease=0.6, lease_margin=0.1, sweep_every=0.1, poll_at_carrier=0.3
)

_forge = multiprocessing.get_context("forkserver")
_forge.set_forkserver_preload([__name__])
STOP_SECONDS = 20.0
LIMITS = PortLimits(polls_per_minute=6000)
VAULT = Vault.parse(SECRETS_KEY)
"""What the gateway of a test has sealed, its workers can open."""


@dataclass(frozen=True)
class Orders:
    """What a worker process works on; `crashpoint` is `name:nth` or empty, `post` its way out."""

    worker_url: str
    carrier_url: str
    token: str
    log: Path
    crashpoint: str = ""
    post: Post = field(default_factory=LogPost)


def _work(orders: Orders) -> None:
    os.environ[crashpoints.VARIABLE] = orders.crashpoint
    with orders.log.open("a") as log:
        sys.stdout = sys.stderr = log
        asyncio.run(_run(orders))


async def _run(orders: Orders) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = Database.connect(orders.worker_url, application_name="test-fault-worker")
    async with Teliport(
        orders.carrier_url, orders.token, "567G", pace=NoPace(), guard=refuse_inside_write
    ) as teliport:
        services = Services(
            database=database,
            teliport=teliport,
            hub=EventHub(orders.worker_url),
            prices=PRICES,
            timings=TIMINGS,
            vault=VAULT,
            port_limits=LIMITS,
            post=orders.post,
        )
        await Worker(services, orders.worker_url).run(stop)
    await database.close()


@contextmanager
def worker(orders: Orders) -> Iterator[BaseProcess]:
    """A worker process; whatever is left of it at the end is killed."""
    process = _forge.Process(target=_work, args=(orders,))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join(STOP_SECONDS)
        process.close()


def stopped(process: BaseProcess) -> int | None:
    """SIGTERM, and the exit code: 0 for a worker that finished what it had in hand."""
    process.terminate()
    process.join(STOP_SECONDS)
    return process.exitcode
