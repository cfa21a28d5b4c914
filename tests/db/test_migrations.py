"""The schema: the same from nothing, by two at once, and as the tables say."""

import asyncio
import re
from collections.abc import AsyncIterator
from itertools import count

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, Connection, Dialect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateIndex, DropIndex
from sqlmodel import SQLModel

from db import jobs, migrate, roles, seed
from db.engine import Database, driver_url
from numbering.porting import LIVE_PORT_NUMBER_STATES, PortNumberState
from tests.db import make
from tests.kit.postgres import PASSWORDS, TestCluster

_names = count()


@pytest.fixture
async def empty_urls(postgres_cluster: TestCluster) -> AsyncIterator[roles.Urls]:
    """A database that was never migrated."""
    name = f"empty_{next(_names)}"
    yield await roles.ensure(postgres_cluster.server.url, name, PASSWORDS)
    await roles.drop(postgres_cluster.server.url, name)


async def test_an_empty_database_is_at_no_revision(empty_urls: roles.Urls) -> None:
    assert await migrate.current(empty_urls.owner) is None


async def test_two_processes_at_once_migrate_once(empty_urls: roles.Urls) -> None:
    await asyncio.gather(*(migrate.upgrade(empty_urls.owner) for _ in range(2)))
    assert await migrate.current(empty_urls.owner) == migrate.head() == "0002"


async def test_a_second_seed_changes_nothing(
    database_urls: roles.Urls, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "UPDATE accounts.customers SET name = 'Renamed' WHERE id = $1", seed.CUSTOMER_A
    )
    await seed.demo(database_urls.owner)
    rows = await owner.fetch("SELECT name FROM accounts.customers ORDER BY id")
    assert [row["name"] for row in rows] == ["Renamed", "Boulder Dental"]
    assert await owner.fetchval("SELECT count(*) FROM voice.trunks") == 3


async def test_the_tables_are_what_the_migrations_make(database_urls: roles.Urls) -> None:
    def differences(sync: Connection) -> list[object]:
        options = {
            "include_schemas": True,
            "compare_type": True,
            "include_name": lambda name, kind, _: (
                kind != "schema" or name in {"accounts", "voice", "ops"}
            ),
        }
        return list(
            compare_metadata(MigrationContext.configure(sync, opts=options), SQLModel.metadata)
        )

    engine = create_async_engine(driver_url(database_urls.owner))
    async with engine.connect() as conn:
        assert await conn.run_sync(differences) == []
    await engine.dispose()


async def test_every_default_of_the_tables_is_the_databases(owner: asyncpg.Connection) -> None:
    for table in SQLModel.metadata.tables.values():
        if table.schema not in {"accounts", "voice", "ops"}:
            continue
        rows = await owner.fetch(
            "SELECT column_name AS name, column_default IS NOT NULL AS given"
            " FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2"
            " AND is_generated = 'NEVER'",
            table.schema,
            table.name,
        )
        said = {c.name: c.server_default is not None for c in table.columns if not c.computed}
        assert {row["name"]: row["given"] for row in rows} == said, table.fullname


async def test_partial_indexes_keep_their_conditions(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_expr(indpred, indrelid) AS condition"
        " FROM pg_index WHERE indisunique AND indpred IS NOT NULL"
        " AND indrelid::regclass::text NOT LIKE 'queue.%' ORDER BY 1"
    )
    shown = {row["name"].split(".")[-1]: row["condition"] for row in rows}
    assert set(shown) == {
        "dids_live_number",
        "incident_open_operation",
        "operation_live_subject",
        "port_numbers_live",
        "port_numbers_submitted",
        "reservation_items_live_number",
    }
    assert "ATTENTION" not in shown["operation_live_subject"]
    ended = set(PortNumberState) - LIVE_PORT_NUMBER_STATES
    assert set(re.findall("[A-Z]{4,}", shown["port_numbers_live"])) - {"NULL"} == ended | {"ARRAY"}
    assert "'SUBMITTED'" in shown["port_numbers_submitted"]


CONDITIONS = """
    SELECT relname AS name, pg_get_expr(indpred, indrelid) AS condition
    FROM pg_index JOIN pg_class AS c ON c.oid = indexrelid
    WHERE indpred IS NOT NULL AND relnamespace::regnamespace::text IN ('accounts', 'voice', 'ops')
"""


async def test_the_tables_say_the_conditions_of_their_indexes(owner: asyncpg.Connection) -> None:
    made = dict(await owner.fetch(CONDITIONS))
    said = {
        str(index.name): index
        for table in SQLModel.metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["postgresql"]["where"] is not None
    }
    assert set(made) == set(said)
    # Made anew from the tables, so that PostgreSQL spells both.
    speech: Dialect = URL.create("postgresql+asyncpg").get_dialect()()
    for index in said.values():
        for step in (DropIndex(index), CreateIndex(index)):
            await owner.execute(str(step.compile(dialect=speech)))
    assert dict(await owner.fetch(CONDITIONS)) == made


async def test_a_database_of_the_first_story_keeps_its_rows(empty_urls: roles.Urls) -> None:
    await migrate.upgrade(empty_urls.owner, "0001")
    assert await migrate.current(empty_urls.owner) == "0001"
    await seed.demo(empty_urls.owner)
    customer_id, project_id = seed.CUSTOMER_A, make.stranger()
    connection = await asyncpg.connect(empty_urls.owner, server_settings={"app.scope": "STAFF"})
    insert = (
        "INSERT INTO voice.dids (id, number, number_type, npa, nxx, customer_id, monthly_cost,"
        " setup_fee, port_project_id) VALUES (gen_random_uuid(), $1, 'LOCAL', '303', '555', $2,"
        " 1, 0, $3)"
    )
    # Of a platform that kept projects elsewhere: its rows stay, new ones must name one of ours.
    await connection.execute(insert, "+13035550200", customer_id, project_id)
    await connection.execute(insert, "+13035550201", customer_id, None)
    await migrate.upgrade(empty_urls.owner)
    assert await migrate.current(empty_urls.owner) == "0002"
    kept = await connection.fetch("SELECT number, port_project_id FROM voice.dids ORDER BY 1")
    assert [tuple(row) for row in kept] == [("+13035550200", project_id), ("+13035550201", None)]
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await connection.execute(insert, "+13035550202", customer_id, project_id)
    await connection.close()


async def test_the_queue_is_what_pgqueuer_declares(
    database_urls: roles.Urls, owner: asyncpg.Connection
) -> None:
    plan = await jobs.queries(owner).plan_upgrade()
    assert list(plan.statements) == []
    worker = await asyncpg.connect(database_urls.worker)
    assert await jobs.queries(worker).schema_is_installed()
    await worker.close()


async def test_the_clock_can_be_moved(
    database: Database, shift_clock: object, owner: asyncpg.Connection
) -> None:
    assert callable(shift_clock)
    await shift_clock(3600)
    ahead = await owner.fetchval("SELECT ops.now() - clock_timestamp()")
    assert 3599 < ahead.total_seconds() < 3601
    await shift_clock(-3600)
    assert abs((await owner.fetchval("SELECT ops.now() - clock_timestamp()")).total_seconds()) < 1
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute("INSERT INTO ops.clock DEFAULT VALUES")
    del database


async def test_an_application_url_cannot_migrate(database_urls: roles.Urls) -> None:
    assert await migrate.current(database_urls.app) == migrate.head()


async def test_roles_can_be_made_twice_and_get_new_passwords(
    postgres_cluster: TestCluster, database_urls: roles.Urls
) -> None:
    name = database_urls.owner.rsplit("/", 1)[1]
    odd = roles.Passwords(owner="o'wner\\", app="a@p:p/", worker="wörk er")
    try:
        changed = await roles.ensure(postgres_cluster.server.url, name, odd)
        for url in (changed.owner, changed.app, changed.worker):
            opened = Database.connect(url)
            async with opened._engine.connect() as conn:
                assert (await conn.execute(text("SELECT 1"))).scalar_one() == 1
            await opened.close()
    finally:
        await roles.ensure(postgres_cluster.server.url, name, PASSWORDS)


async def test_clusters_roles_are_made_by_one_of_many(postgres_cluster: TestCluster) -> None:
    await asyncio.gather(
        *(roles.ensure(postgres_cluster.server.url, "together", PASSWORDS) for _ in range(4))
    )
    await roles.drop(postgres_cluster.server.url, "together")
