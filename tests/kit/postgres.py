"""A real PostgreSQL for the tests: one cluster for each test process, one database for each test.

The cluster is started when the first test asks for it and stopped at the end, whatever happened. A
database is a copy of a migrated template, so a test may do to it what it likes.
WARP_TEST_POSTGRES=16 runs everything on PostgreSQL 16.
"""

import asyncio
import fcntl
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest

from db import embedded, migrate, roles, seed
from db.engine import Database

T = TypeVar("T")

VERSION = int(os.environ.get("WARP_TEST_POSTGRES", "18"))
TEMPLATE = "warp_template"
PREFIX = "warp-pg-"
YOUNG_SECONDS = 60.0
PASSWORDS = roles.Passwords(owner="owner-test", app="app-test", worker="worker-test")
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class TestCluster:
    """A throw-away server with a migrated and seeded template."""

    __test__ = False
    server: embedded.Cluster

    async def clone(self) -> roles.Urls:
        """A fresh database; the URLs of its three roles."""
        name = f"test_{next(_numbers)}"
        await roles.clone(self.server.url, name, TEMPLATE)
        return roles.urls(self.server.url, name, PASSWORDS)

    async def drop(self, urls: roles.Urls) -> None:
        """Drop a database that `clone` made, whoever is connected to it."""
        await roles.drop(self.server.url, urls.owner.rsplit("/", 1)[1])


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread with a loop of its own, so that no test's loop is touched."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def start_cluster(folder: Path) -> TestCluster:
    """Start a throw-away server in `folder` and make its template; stop `.server` when done."""
    server = embedded.start(folder / "pg", VERSION, settings=embedded.THROWAWAY)
    try:
        run_apart(_template(server))
    except BaseException:
        server.stop("immediate")
        raise
    return TestCluster(server)


async def _template(server: embedded.Cluster) -> None:
    urls = await roles.ensure(server.url, TEMPLATE, PASSWORDS)
    await migrate.upgrade(urls.owner)
    await seed.demo(urls.owner)


def sweep() -> None:
    """Remove the servers of test processes that were killed: nobody holds their lock any more.

    A lock file of this minute may be one that a process beside us has made and not yet taken.
    """
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/pg.lock"):
        try:
            if time.time() - lock.stat().st_mtime < YOUNG_SECONDS:
                continue
            with lock.open() as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                embedded.stop(lock.parent / "pg")
                shutil.rmtree(lock.parent, ignore_errors=True)
        except (BlockingIOError, FileNotFoundError):
            continue


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[TestCluster]:
    """The server of this test process."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        cluster = start_cluster(folder)
        try:
            yield cluster
        finally:
            cluster.server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def database_urls(postgres_cluster: TestCluster) -> AsyncIterator[roles.Urls]:
    """URLs (owner, app, worker) of a database for this test, migrated and seeded by `db.seed`."""
    urls = await postgres_cluster.clone()
    yield urls
    await postgres_cluster.drop(urls)


@pytest.fixture
async def database(database_urls: roles.Urls) -> AsyncIterator[Database]:
    """The gateway's role."""
    opened = Database.connect(database_urls.app, application_name="test-app")
    yield opened
    await opened.close()


@pytest.fixture
async def worker_database(database_urls: roles.Urls) -> AsyncIterator[Database]:
    """The worker's role."""
    opened = Database.connect(database_urls.worker, application_name="test-worker")
    yield opened
    await opened.close()


@pytest.fixture
async def owner(database_urls: roles.Urls) -> AsyncIterator[asyncpg.Connection]:
    """A raw connection of the owner with the staff's scope: it sees and writes all rows."""
    connection = await asyncpg.connect(
        database_urls.owner,
        server_settings={"app.scope": "STAFF", "application_name": "test-owner"},
    )
    yield connection
    await connection.close()


@pytest.fixture
async def superuser(
    postgres_cluster: TestCluster, database_urls: roles.Urls
) -> AsyncIterator[asyncpg.Connection]:
    """A raw connection of the superuser: sees what others do, and may end their backends."""
    name = database_urls.owner.rsplit("/", 1)[1]
    connection = await asyncpg.connect(postgres_cluster.server.url, database=name)
    yield connection
    await connection.close()


@pytest.fixture
def shift_clock(owner: asyncpg.Connection) -> Callable[[float], Awaitable[None]]:
    """`await shift_clock(seconds)` moves `ops.now()` forwards (or back) for everybody."""

    async def shift(seconds: float) -> None:
        await owner.execute("UPDATE ops.clock SET shift = shift + $1", timedelta(seconds=seconds))

    return shift
