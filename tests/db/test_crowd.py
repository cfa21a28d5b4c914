"""A crowd of reads queues and is served; a write does not stand in that queue."""

import asyncio

import pytest
from sqlalchemy import text

from db import engine
from db.engine import Database
from db.errors import DatabaseBusy
from db.roles import Urls
from numbering.actors import Scope


async def counted(database: Database) -> int:
    async with database.read(Scope.staff()) as connection:
        found: int = (await connection.execute(text("SELECT 1 FROM pg_sleep(0.005)"))).scalar_one()
        return found


async def test_two_hundred_reads_on_four_connections_are_all_answered(database_urls: Urls) -> None:
    database = Database.connect(database_urls.app, pool_size=4)
    try:
        assert sum(await asyncio.gather(*(counted(database) for _ in range(200)))) == 200
    finally:
        await database.close()


async def test_a_write_does_not_wait_for_the_reads(database_urls: Urls) -> None:
    database = Database.connect(database_urls.app, pool_size=4)
    over = asyncio.Event()

    async def read() -> None:
        async with database.read(Scope.staff()):
            await over.wait()

    reads = [asyncio.create_task(read()) for _ in range(50)]
    try:
        async with asyncio.timeout(5), database.write(Scope.staff()) as session:
            await session.execute(text("SELECT 1"))
        assert not any(task.done() for task in reads)
    finally:
        over.set()
        await asyncio.gather(*reads)
        await database.close()


async def test_a_read_that_waited_too_long_is_told_so(
    database_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "READ_PATIENCE", 0.02)
    database = Database.connect(database_urls.app, pool_size=1)
    try:
        async with database.read(Scope.staff()):
            with pytest.raises(DatabaseBusy):
                await counted(database)
    finally:
        await database.close()
