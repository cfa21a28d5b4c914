"""A desk for each test."""

from collections.abc import AsyncIterator

import pytest

from db.engine import Database
from db.roles import Urls
from tests.kit.desk import Desk, opened


@pytest.fixture
async def desk(
    database_urls: Urls, database: Database, worker_database: Database
) -> AsyncIterator[Desk]:
    """The schema on a database of its own."""
    async with opened(database_urls, database, worker_database) as made:
        yield made
