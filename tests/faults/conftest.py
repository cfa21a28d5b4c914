"""A cluster and a carrier of their own for tests that kill things."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import cast

import asyncpg
import pytest

from db.engine import Database, refuse_inside_write
from db.hub import EventHub
from db.roles import Urls
from teliport.client import Teliport
from teliport.pace import NoPace
from tests.faults.far_sandbox import FarSandbox
from tests.faults.forge import LIMITS, TIMINGS, VAULT, Orders
from tests.kit.postgres import TestCluster, start_cluster
from tests.kit.sandbox import Sandbox, SandboxProcess, spawn_sandbox
from tests.workflows.port_rig import PortRig
from tests.workflows.rig import PRICES, Rig, readable
from workflows.mail import LogPost, Post
from workflows.wiring import Services


@pytest.fixture(scope="session")
def carrier_process() -> Iterator[SandboxProcess]:
    """A carrier over real sockets."""
    with spawn_sandbox("--rate-limit", "1000000") as process:
        yield process


@pytest.fixture
def carrier(carrier_process: SandboxProcess) -> Iterator[FarSandbox]:
    """The same, as new."""
    far = FarSandbox(carrier_process)
    yield far
    far.close()


@pytest.fixture
def own_cluster() -> Iterator[TestCluster]:
    """A server that only this test uses, and may crash."""
    folder = Path(tempfile.mkdtemp(prefix="warp-pg-own-"))
    try:
        cluster = start_cluster(folder)
        yield cluster
        cluster.server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


Order = Callable[..., Orders]


async def far_rig(urls: Urls, carrier: FarSandbox) -> AsyncIterator[Rig]:
    """A gateway on this database whose operations wait for worker processes."""
    database = Database.connect(urls.app, application_name="test-fault-app")
    workshop = Database.connect(urls.worker, application_name="test-fault-prepares")
    owner = await asyncpg.connect(urls.owner, server_settings={"app.scope": "STAFF"})
    await readable(owner)
    async with (
        Teliport(
            carrier.url, carrier.token, "567G", pace=NoPace(), guard=refuse_inside_write
        ) as teliport,
        EventHub(urls.app) as hub,
    ):
        services = Services(
            database=database,
            worker_database=workshop,
            teliport=teliport,
            hub=hub,
            prices=PRICES,
            timings=TIMINGS,
            mutation_wait_seconds=0.0,
            vault=VAULT,
            port_limits=LIMITS,
        )
        made = Rig(services, cast("Sandbox", carrier), owner, urls)
        yield made
    await made.owner.close()
    await database.close()
    await workshop.close()


@pytest.fixture
async def rig(database_urls: Urls, carrier: FarSandbox) -> AsyncIterator[Rig]:
    """A gateway; its operations wait for worker processes."""
    async for made in far_rig(database_urls, carrier):
        yield made


@pytest.fixture
def ports(rig: Rig) -> PortRig:
    """The same, as people see ports."""
    return PortRig(rig)


@pytest.fixture
def orders(database_urls: Urls, carrier: FarSandbox, tmp_path: Path) -> Callable[..., Orders]:
    """Orders for workers of this test: `orders(crashpoint="number_hold.after_send")`."""

    def made(urls: Urls = database_urls, crashpoint: str = "", post: Post | None = None) -> Orders:
        log = tmp_path / "worker.log"
        post = post or LogPost()
        return Orders(urls.worker, carrier.url, carrier.token, log, crashpoint, post)

    return made
