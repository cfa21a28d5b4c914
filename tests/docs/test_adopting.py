"""The SQL of docs/adopting.md, on a table of the old platform's shape (research/domain.md 2.2)."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db import examination, roles
from tests.docs.pages import blocks, page
from tests.kit.postgres import PASSWORDS, TestCluster

SQL = {
    language.removeprefix("sql "): content
    for language, content in blocks(page("docs/adopting.md"))
    if language.startswith("sql ")
}
OLD = """
CREATE SCHEMA accounts;
CREATE SCHEMA voice;
CREATE TABLE accounts.customers (
  id uuid PRIMARY KEY, ban varchar(20) UNIQUE NOT NULL, company_name varchar(255) NOT NULL,
  contact jsonb NOT NULL DEFAULT '{}', created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE voice.trunks (
  id uuid PRIMARY KEY, customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE CASCADE,
  trunk_name varchar(255) NOT NULL);
CREATE TABLE voice.dids (
  id uuid PRIMARY KEY, number varchar(20) UNIQUE NOT NULL,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE CASCADE,
  trunk_id uuid REFERENCES voice.trunks ON DELETE SET NULL,
  number_type varchar(50) NOT NULL, country_code varchar(5) NOT NULL,
  npa varchar(10), nxx varchar(10), rate_center varchar(100), lata varchar(10), state varchar(5),
  voice_enabled boolean DEFAULT true, sms_enabled boolean DEFAULT false,
  mms_enabled boolean DEFAULT false, fax_enabled boolean DEFAULT false,
  e911_address_id uuid, e911_validated boolean DEFAULT false, cnam varchar(15),
  ported boolean DEFAULT false, ported_from_carrier varchar(100), ported_date date,
  status varchar(20) NOT NULL DEFAULT 'ACTIVE'
    CHECK (status IN ('ACTIVE', 'RESERVED', 'PORTING', 'DISCONNECTED')),
  custom_fields jsonb DEFAULT '{}', acquired_date date NOT NULL DEFAULT current_date,
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
"""
CUSTOMER, OTHER, TRUNK, FOREIGN = (UUID(int=n) for n in range(1, 5))
ROWS: list[dict[str, Any]] = [
    {"number": "+13035551234", "lata": "656", "state": "co", "trunk_id": TRUNK, "cnam": "ASPEN"},
    {"number": "7205552345", "voice_enabled": None, "custom_fields": '{"teliport_assigned": true}'},
    {"number": "1-800-555-2345", "number_type": "TOLLFREE", "country_code": "+1", "cnam": "NO"},
    {
        "number": "3035552346", "ported": True, "ported_from_carrier": "Old Bell",
        "ported_date": date(2025, 10, 28), "sms_enabled": True, "custom_fields": None,
    },
    {"number": "3035552347", "status": "DISCONNECTED"},
]  # fmt: skip
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("not a North American number", {"number": "+441632960123"}),
    ("a hold, not a number: leave it out", {"number": "3035552350", "status": "RESERVED"}),
    ("neither LOCAL nor TOLLFREE: leave it out", {"number": "3035552351", "number_type": "MOBILE"}),
    ("number_type and area code contradict each other", {"number": "8005552352"}),
    ("country_code unknown", {"number": "3035552353", "country_code": "44"}),
    ("a LATA has three digits", {"number": "3035552354", "lata": "65"}),
    ("there twice, in two notations", {"number": "3035552355"}),
    ("there twice, in two notations", {"number": "+13035552355"}),
    ("its trunk is unknown or of another customer", {"number": "3035552356", "trunk_id": FOREIGN}),
    ("custom_fields is not an object", {"number": "3035552357", "custom_fields": "[]"}),
    ("custom_fields that we cannot keep", {"number": "3035552358", "custom_fields": '{"ban": 1}'}),
    ("custom_fields that we cannot keep", {"number": "3035552359", "custom_fields": '{"A": 1}'}),
]


@pytest.fixture
async def old(postgres_cluster: TestCluster) -> AsyncIterator[asyncpg.Connection]:
    """A database of the old shape, with rows of every kind."""
    urls = await roles.ensure(postgres_cluster.server.url, "old_platform", PASSWORDS)
    connection = await asyncpg.connect(urls.owner)
    await connection.execute(OLD)
    for id_, ban, name in ((CUSTOMER, "TB-071161708", "Test Account"), (OTHER, "TB-2", "Other")):
        await connection.execute(
            "INSERT INTO accounts.customers (id, ban, company_name, contact)"
            " VALUES ($1, $2, $3, $4)",
            id_, ban, name, '{"email": "ops@test.example"}',
        )  # fmt: skip
    for id_, owner in ((TRUNK, CUSTOMER), (FOREIGN, OTHER)):
        await connection.execute("INSERT INTO voice.trunks VALUES ($1, $2, 'edge')", id_, owner)
    for number, row in enumerate([*ROWS, *(row for _, row in REFUSED)]):
        await _insert(connection, UUID(int=100 + number), row)
    yield connection
    await connection.close()
    await roles.drop(postgres_cluster.server.url, "old_platform")


async def _insert(connection: asyncpg.Connection, id_: UUID, row: dict[str, Any]) -> None:
    values = {
        "id": id_,
        "customer_id": CUSTOMER,
        "number_type": "LOCAL",
        "country_code": "1",
        **row,
    }
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    await connection.execute(
        f"INSERT INTO voice.dids ({', '.join(values)}) VALUES ({places})", *values.values()
    )


async def loaded(old: asyncpg.Connection, new: asyncpg.Connection) -> None:
    """Steps 2 to 5 of the page."""
    await new.execute(SQL["staging"])
    for table in ("customers", "trunks", "dids"):
        rows = await old.fetch(SQL[f"export {table}"])
        await new.copy_records_to_table(table, schema_name="adopted", records=rows)
    await new.execute(SQL["judge"])
    await new.execute(SQL["load"])


async def test_good_rows_are_adopted_with_their_ids(
    old: asyncpg.Connection, owner: asyncpg.Connection
) -> None:
    await loaded(old, owner)
    rows = await owner.fetch(
        "SELECT * FROM voice.dids WHERE customer_id = $1 ORDER BY id", CUSTOMER
    )
    assert [row["id"] for row in rows] == [UUID(int=100 + n) for n in range(len(ROWS))]
    trunked, plain, toll_free, ported, gone = rows
    assert (trunked["number"], trunked["npa"], trunked["nxx"]) == ("+13035551234", "303", "555")
    assert (trunked["lata"], trunked["state"], trunked["cnam"]) == (656, "CO", "ASPEN")
    assert (trunked["routing_type"], trunked["trunk_id"]) == ("TRUNK", TRUNK)
    assert (plain["number"], plain["voice_enabled"], plain["routing_type"]) == (
        "+17205552345", True, "NONE",
    )  # fmt: skip
    assert plain["custom_fields"] == '{"teliport_assigned": true}'
    assert (toll_free["number_type"], toll_free["cnam"]) == ("TOLL_FREE", None)
    assert str(toll_free["monthly_cost"]) == "2.0000"
    assert (ported["ported_from"], ported["messaging_port_status"]) == ("Old Bell", "PENDING")
    assert ported["ported_at"] == datetime(2025, 10, 28, tzinfo=UTC)
    assert (gone["status"], gone["released_at"]) == ("DISCONNECTED", gone["updated_at"])
    assert all(row["meta_version"] == row["pushed_version"] == 1 for row in rows)
    counted = await owner.fetchrow(SQL["count"])
    assert counted["judged_well"] == counted["loaded"] == len(ROWS)


async def test_every_other_row_says_why_not(
    old: asyncpg.Connection, owner: asyncpg.Connection
) -> None:
    await loaded(old, owner)
    told = {row["number"]: row["problem"] for row in await owner.fetch(SQL["look"])}
    assert told == {row["number"]: problem for problem, row in REFUSED}


async def test_a_second_load_changes_nothing_and_ten_are_pushed(
    old: asyncpg.Connection, owner: asyncpg.Connection
) -> None:
    await loaded(old, owner)
    await owner.execute("UPDATE voice.dids SET friendly_name = 'Kept'")
    await owner.execute(SQL["load"])
    names = await owner.fetch("SELECT DISTINCT friendly_name FROM voice.dids")
    assert [row["friendly_name"] for row in names] == ["Kept"]
    await owner.execute(SQL["push"])
    behind = await owner.fetch("SELECT status FROM voice.dids WHERE pushed_version = 0")
    assert [row["status"] for row in behind] == ["ACTIVE"] * 4


async def test_doctor_tells_the_old_database_from_ours(
    old: asyncpg.Connection, owner: asyncpg.Connection
) -> None:
    assert await examination.tables_without_policy(old) == [
        "accounts.customers",
        "voice.dids",
        "voice.trunks",
    ]
    await loaded(old, owner)
    assert await examination.tables_without_policy(owner) == []


async def test_the_roles_are_those_of_make_run(postgres_cluster: TestCluster) -> None:
    made = SQL["roles"].replace("warp", "paper")
    connection = await asyncpg.connect(postgres_cluster.server.url)
    try:
        for statement in made.strip().split(";\n"):
            await connection.execute(statement.rstrip(";"))
        shown = await connection.fetch(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin"
            " FROM pg_roles WHERE rolname ~ '^(warp|paper)_(owner|app|worker)$' ORDER BY 1"
        )
        kinds = {re.sub("paper", "warp", row["rolname"]): tuple(row)[1:] for row in shown[:3]}
        assert kinds == {row["rolname"]: tuple(row)[1:] for row in shown[3:]}
    finally:
        await connection.execute("DROP DATABASE IF EXISTS paper")
        await connection.execute("DROP ROLE IF EXISTS paper_owner, paper_app, paper_worker")
        await connection.close()
