"""The rig of this floor."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from db.engine import Database
from db.roles import Urls
from tests.workflows import port_rig
from tests.workflows.port_rig import PortRig
from tests.workflows.rig import Rig, opened


@pytest.fixture
async def rig(
    database_urls: Urls, database: Database, worker_database: Database, owner: asyncpg.Connection
) -> AsyncIterator[Rig]:
    """Gateway, worker, carrier and database of one test."""
    async with opened(database_urls, database, worker_database, owner) as made:
        yield made


@pytest.fixture
async def ports(
    database_urls: Urls, database: Database, worker_database: Database, owner: asyncpg.Connection
) -> AsyncIterator[PortRig]:
    """The same, with a vault for the secrets of ports."""
    async with port_rig.ports(database_urls, database, worker_database, owner) as made:
        yield made
