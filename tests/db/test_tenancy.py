"""Who sees which rows: the policies, the grants, and the four functions that see over all."""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db import (
    dids,
    errors,
    inbox,
    notices,
    operations,
    port_documents,
    port_history,
    port_numbers,
    port_projects,
    reservations,
    roles,
    seed,
    tenancy,
)
from db.engine import Database
from db.tables import Incident, PortProject
from numbering.actors import Scope
from numbering.lifecycle import AuditAction, OperationKind
from numbering.notices import NoticeKind
from numbering.porting import PortNumberState as N
from tests.db import make

A, B = Scope.customer(seed.CUSTOMER_A), Scope.customer(seed.CUSTOMER_B)
STAFF, WORKER = Scope.staff(), Scope.worker()

# Tables that hold rows of customers, and under which column.
OWNED = """
    SELECT c.oid::regclass::text AS name, a.attname AS column_name,
      c.relrowsecurity AND c.relforcerowsecurity AS forced,
      ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid ORDER BY 1) AS policies
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text = ANY ($1)
      AND (a.attname LIKE 'customer%id' OR (c.oid = 'accounts.customers'::regclass
        AND a.attname = 'id'))
    ORDER BY 1
"""
SCHEMAS = ["accounts", "voice", "ops", "queue", "public"]


async def populate_ports(session: AsyncSession, project: PortProject, number: str) -> None:
    """One row in every table of ports and notices; the number is submitted."""
    await port_projects.insert(session, project)
    await port_projects.begin_attempt(session, project, lsr_id="LSR-1", foc_date=None)
    await port_numbers.upsert_all(session, [make.port_number(project, number)])
    for source, target in ((N.PENDING, N.VALID), (N.VALID, N.SUBMITTED)):
        await port_numbers.move_all(session, project.id, [source], target)
    await port_documents.insert(session, make.port_document(project))
    await port_history.tell(session, project, actor="x", actor_is_staff=True, summary="Begun")
    await port_history.comment(session, project, author="x", author_is_staff=True, text="Hello")
    told = make.notice(f"port:{project.id}", customer_id=project.customer_id)
    await notices.keep_all(session, [told])
    choices = [(NoticeKind.PORT_COMPLETE, False, ["x@x.example"])]
    await notices.set_preferences(session, project.customer_id, choices)


async def populate(worker_database: Database) -> None:
    """One row in every guarded table for each customer."""
    async with worker_database.write(STAFF) as session:
        for scope, number in ((A, "+13035550200"), (B, "+13035550201")):
            customer_id = scope.customer_id
            cart = make.cart(customer_id=customer_id)
            await dids.insert(session, make.did(number, customer_id=customer_id))
            await reservations.insert(session, cart, [make.item(cart, number)])
            await operations.insert(session, make.operation(number, customer_id=customer_id))
            await populate_ports(session, make.port_project(customer_id=customer_id), number)
            session.add(Incident(customer_id=customer_id, summary="look"))
            await session.execute(
                text(
                    "INSERT INTO ops.audit (id, customer_id, seq, actor, action)"
                    " VALUES (gen_random_uuid(), :c, 1, 'x', :a)"
                ),
                {"c": customer_id, "a": AuditAction.HOLD.value},
            )
            await session.execute(
                text(
                    "INSERT INTO ops.idempotency (scope, mutation, key, customer_id, request_hash)"
                    " VALUES (:s, 'm', 'k', :c, 'h')"
                ),
                {"s": str(customer_id), "c": customer_id},
            )


async def test_every_table_with_a_customer_is_guarded(owner: asyncpg.Connection) -> None:
    found = await owner.fetch(OWNED, SCHEMAS)
    assert len(found) == 20
    for table in found:
        assert table["forced"], f"{table['name']} lacks FORCE ROW LEVEL SECURITY"
        assert table["policies"] == [
            "customer_scope",
            "owner_reads",
            "staff_scope",
            "worker_scope",
        ], table["name"]


async def test_the_check_finds_a_table_without_a_policy(owner: asyncpg.Connection) -> None:
    await owner.execute("CREATE TABLE voice.forgotten (customer_id uuid)")
    found = await owner.fetch(OWNED, SCHEMAS)
    assert ("voice.forgotten", False) in [(row["name"], row["forced"]) for row in found]


async def visible(database: Database, scope: Scope | None, table: str, column: str) -> list[Any]:
    """The customers whose rows of a table a scope sees, none twice."""
    async with database.read(scope or STAFF) as conn:
        if scope is None:
            await conn.execute(text("SELECT set_config('app.scope', '', true)"))
        rows = await conn.execute(text(f"SELECT DISTINCT {column} FROM {table} ORDER BY 1"))
        return [row[0] for row in rows]


async def test_each_scope_sees_its_rows_in_every_table(
    database: Database, worker_database: Database, owner: asyncpg.Connection
) -> None:
    await populate(worker_database)
    a, b = seed.CUSTOMER_A, seed.CUSTOMER_B
    for row in await owner.fetch(OWNED, SCHEMAS):
        table, column = row["name"], row["column_name"]
        assert await visible(database, A, table, column) == [a], table
        assert await visible(database, B, table, column) == [b], table
        assert set(await visible(database, STAFF, table, column)) >= {a, b}, table
        assert await visible(database, None, table, column) == [], table
        assert await visible(database, WORKER, table, column) == [], table
        assert set(await visible(worker_database, WORKER, table, column)) >= {a, b}, table
        assert await visible(worker_database, None, table, column) == [], table


@pytest.mark.parametrize("reading", [True, False])
async def test_a_scope_ends_with_its_transaction(database_urls: roles.Urls, reading: bool) -> None:
    single = Database.connect(database_urls.app, pool_size=1)
    async with single.read(A) if reading else single.write(A) as begun:
        assert (await begun.execute(text("SELECT count(*) FROM voice.trunks"))).scalar_one() == 2
    async with single._engine.connect() as bare:
        shown = await bare.execute(
            text("SELECT current_setting('app.scope', true), current_setting('app.customer_id')")
        )
        assert tuple(shown.one()) == ("", "")
        assert (await bare.execute(text("SELECT count(*) FROM voice.trunks"))).scalar_one() == 0
    await single.close()


async def _insert_for_b(session: AsyncSession) -> None:
    await dids.insert(session, make.did(customer_id=seed.CUSTOMER_B))


async def _move_to_b(session: AsyncSession) -> None:
    mine = await dids.insert(session, make.did())
    assert mine is not None
    await dids.apply_changes(session, mine.id, {"customer_id": seed.CUSTOMER_B})


@pytest.mark.parametrize("trespass", [_insert_for_b, _move_to_b])
async def test_a_customer_cannot_write_for_another(
    database: Database, trespass: Callable[[AsyncSession], Coroutine[Any, Any, None]]
) -> None:
    with pytest.raises(errors.TenancyViolated):
        async with database.write(A) as session:
            await trespass(session)


async def test_a_customer_changes_nothing_of_another(
    database: Database, worker_database: Database
) -> None:
    await populate(worker_database)
    async with database.read(B) as conn:
        theirs = (await dids.page(conn, dids.DidFilter()))[0]
    async with database.write(A) as session:
        assert await dids.apply_changes(session, theirs.id, {"cnam": "MINE"}) is None
        assert await dids.by_ids(session, [theirs.id]) == {}
        assert await dids.by_number(session, theirs.number) is None
    async with database.read(B) as conn:
        assert (await dids.by_ids(conn, [theirs.id]))[theirs.id].cnam is None


Ask = Callable[[tenancy.Reader, Collection[str]], Awaitable[Mapping[str, bool]]]
ASKING: list[Ask] = [
    reservations.live_holders,
    dids.live_numbers,
    operations.live_subjects,
    port_numbers.live_ports,
]


@pytest.mark.parametrize("ask", ASKING)
async def test_numbers_of_others_are_known_as_taken_and_nothing_more(
    database: Database, worker_database: Database, ask: Ask
) -> None:
    await populate(worker_database)
    asked = ["+13035550200", "+13035550201", "+13035550299"]
    async with database.read(A) as conn:
        assert await ask(conn, asked) == {"+13035550200": True, "+13035550201": False}
    async with database.read(STAFF) as conn:
        assert await ask(conn, asked) == {"+13035550200": False, "+13035550201": False}
        assert await ask(conn, []) == {}


async def test_ended_things_do_not_take_a_number(
    database: Database, owner: asyncpg.Connection, worker_database: Database
) -> None:
    await populate(worker_database)
    await owner.execute("UPDATE voice.dids SET status = 'DISCONNECTED'")
    await owner.execute("UPDATE voice.reservation_items SET state = 'RELEASED'")
    await owner.execute("UPDATE ops.operation SET state = 'FAILED'")
    await owner.execute("UPDATE voice.port_numbers SET state = 'REJECTED'")
    async with database.read(A) as conn:
        for ask in ASKING:
            assert await ask(conn, ["+13035550200", "+13035550201"]) == {}


async def test_the_filter_follows_the_scope(database: Database) -> None:
    async with database.read(A) as conn:
        assert tenancy.scope_of(conn) == A
    async with database.read(STAFF) as conn:
        assert tenancy.scope_of(conn) == STAFF
    async with database.write(B) as session:
        assert tenancy.scope_of(session) == B


@pytest.mark.parametrize("role", ["app", "worker"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ops.clock SET shift = '1 day'",
        "UPDATE ops.audit SET actor = 'nobody'",
        "DELETE FROM ops.audit",
        "DELETE FROM voice.dids",
        "DELETE FROM voice.port_numbers",
        "UPDATE voice.port_documents SET sha256 = ''",
        "UPDATE voice.port_events SET summary = ''",
        "DELETE FROM voice.port_comments",
        "DELETE FROM ops.notice",
        "DELETE FROM ops.event",
        "UPDATE ops.event SET kind = 'SUCCEEDED'",
        "INSERT INTO accounts.customers (id, name, ban) VALUES (gen_random_uuid(), 'x', 'y')",
        "ALTER TABLE voice.dids DISABLE ROW LEVEL SECURITY",
        "SELECT ops.guard('voice.dids', 'id')",
        "CREATE TABLE public.mine (id int)",
    ],
)
async def test_the_application_roles_cannot(
    database: Database, worker_database: Database, role: str, statement: str
) -> None:
    with pytest.raises(errors.TenancyViolated):
        async with (database if role == "app" else worker_database).write(STAFF) as session:
            await session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM queue.pgqueuer",
        "DELETE FROM ops.idempotency",
        "DELETE FROM ops.webhook",
        "UPDATE ops.webhook SET outcome = 'seen'",
        "UPDATE voice.port_documents SET content_sealed = ''",
    ],
)
async def test_only_the_worker_takes_jobs_and_forgets_keys(
    database: Database, worker_database: Database, statement: str
) -> None:
    with pytest.raises(errors.TenancyViolated):
        async with database.write(STAFF) as session:
            await session.execute(text(statement))
    async with worker_database.write(WORKER) as session:
        await session.execute(text(statement))


async def test_a_delivery_is_for_staff_and_the_worker(
    database: Database, worker_database: Database
) -> None:
    async with database.write(STAFF) as session:
        webhook = make.webhook()
        assert await inbox.keep(session, webhook)
        carried = make.operation(
            webhook.id, customer_id=None, kind=OperationKind.WEBHOOK, kind_group=operations.WEBHOOK
        )
        assert await operations.insert(session, carried) is not None
    count = text("SELECT count(*) FROM ops.webhook")
    for opened, scope, seen in (
        (database, A, 0),
        (database, WORKER, 0),
        (database, STAFF, 1),
        (worker_database, WORKER, 1),
    ):
        async with opened.read(scope) as conn:
            assert (await conn.execute(count)).scalar_one() == seen
    with pytest.raises(errors.TenancyViolated):
        async with database.write(A) as session:
            await inbox.keep(session, make.webhook("msg-2"))


async def test_no_role_of_ours_bypasses_the_policies(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname LIKE 'warp%' ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [
        ("warp_app", False, False, False, False),
        ("warp_owner", False, False, False, False),
        ("warp_worker", False, False, False, False),
    ]
