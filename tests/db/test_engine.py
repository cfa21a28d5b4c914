"""Transactions: what is committed, what is refused, what every failure is called."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db import dids, engine, errors, roles, seed
from db.engine import Database
from db.tables import Did
from numbering.actors import Scope
from tests.db import make
from tests.kit.postgres import TestCluster

A = Scope.customer(seed.CUSTOMER_A)
STAFF = Scope.staff()


class Boom(Exception):
    """What a test raises in the middle of a transaction."""


async def live_backends(superuser: asyncpg.Connection, application_name: str) -> int:
    """Backends of an application that are in the middle of a statement."""
    count: int = await superuser.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state = 'active'",
        application_name,
    )
    return count


async def test_a_write_commits_at_the_end_and_not_before(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with database.write(A) as session:
        await dids.insert(session, make.did())
        assert await owner.fetchval("SELECT count(*) FROM voice.dids") == 0
    assert await owner.fetchval("SELECT count(*) FROM voice.dids") == 1


async def test_rows_added_to_the_session_are_written_too(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with database.write(A) as session:
        session.add(make.cart())
    assert await owner.fetchval("SELECT count(*) FROM voice.reservations") == 1


async def test_a_write_that_raises_leaves_nothing(
    database: Database, owner: asyncpg.Connection
) -> None:
    async def fail() -> None:
        async with database.write(A) as session:
            await dids.insert(session, make.did())
            raise Boom

    with pytest.raises(Boom):
        await fail()
    assert await owner.fetchval("SELECT count(*) FROM voice.dids") == 0
    assert not engine.writing()


async def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(errors.DatabaseFault) as refused:
        async with database.read(A) as conn:
            await conn.execute(text("UPDATE voice.dids SET cnam = 'X'"))
    assert refused.value.sqlstate == "25006"


async def test_nothing_that_waits_may_start_inside_a_write(database: Database) -> None:
    engine.refuse_inside_write()
    async with database.write(A):
        assert engine.writing()
        with pytest.raises(errors.InsideTransaction):
            engine.refuse_inside_write()
        with pytest.raises(errors.InsideTransaction):
            async with database.write(A):
                pass
    engine.refuse_inside_write()


async def test_reading_inside_a_write_is_another_connection(database: Database) -> None:
    async with database.write(A) as session:
        await dids.insert(session, make.did())
        async with database.read(A) as conn:
            assert await dids.count(conn, dids.DidFilter()) == 0


async def crossing(
    database: Database, owner: asyncpg.Connection, failures: int
) -> tuple[str, int, int]:
    """Run a unit of work of which the first tries fail as if two transactions had crossed."""
    tries = 0

    async def work(session: AsyncSession) -> str:
        nonlocal tries
        tries += 1
        await dids.insert(session, make.did(f"+1303555{tries:04d}"))
        if tries <= failures:
            await session.execute(
                text("DO $$ BEGIN RAISE EXCEPTION 'crossed' USING ERRCODE = '40001'; END $$")
            )
        return "done"

    answer = await database.transact(A, work)
    return answer, tries, await owner.fetchval("SELECT count(*) FROM voice.dids")


@pytest.mark.parametrize("failures", [0, 1, 2])
async def test_crossed_transactions_are_run_again_whole(
    database: Database, owner: asyncpg.Connection, failures: int
) -> None:
    assert await crossing(database, owner, failures) == ("done", failures + 1, 1)


async def test_three_crossings_are_enough(database: Database, owner: asyncpg.Connection) -> None:
    with pytest.raises(errors.SerializationConflict) as given_up:
        await crossing(database, owner, 3)
    assert given_up.value.sqlstate == "40001"
    assert await owner.fetchval("SELECT count(*) FROM voice.dids") == 0


async def test_a_real_deadlock_is_resolved(database: Database, owner: asyncpg.Connection) -> None:
    first, second = make.did(), make.did("+13035550201")
    async with database.write(A) as session:
        for did in (first, second):
            await dids.insert(session, did)
    both_hold_one = asyncio.Barrier(2)
    tries = 0

    def locking(*order: Did) -> Callable[[AsyncSession], Awaitable[None]]:
        async def work(session: AsyncSession) -> None:
            nonlocal tries
            tries += 1
            mine = tries
            for did in order:
                await dids.apply_changes(session, did.id, {"friendly_name": str(mine)})
                if did is order[0] and mine <= 2:
                    await both_hold_one.wait()

        return work

    await asyncio.gather(
        database.transact(A, locking(first, second)), database.transact(A, locking(second, first))
    )
    assert tries == 3
    assert await owner.fetchval("SELECT array_agg(meta_version) FROM voice.dids") == [3, 3]


async def test_a_full_pool_is_an_answer(
    database_urls: roles.Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "POOL_TIMEOUT", 0.05)
    small = Database.connect(database_urls.app, pool_size=1)
    async with small.read(A):
        with pytest.raises(errors.DatabaseBusy) as busy:
            async with small.write(A):
                pass
    assert busy.value.retryable
    await small.close()


async def test_a_lock_that_does_not_come_is_busy(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with database.write(A) as session:
        await dids.insert(session, make.did())

    async def wait_in_vain() -> None:
        async with database.read(A) as conn:
            await conn.execute(text("SET LOCAL lock_timeout = '20ms'"))
            await dids.count(conn, dids.DidFilter())

    async with owner.transaction():
        await owner.execute("LOCK TABLE voice.dids")
        with pytest.raises(errors.DatabaseBusy) as busy:
            await wait_in_vain()
    assert busy.value.sqlstate == "55P03"


async def test_a_statement_that_takes_too_long_is_busy(database_urls: roles.Urls) -> None:
    impatient = Database.connect(database_urls.app, statement_timeout_ms=30)
    with pytest.raises(errors.DatabaseBusy) as busy:
        async with impatient.read(A) as conn:
            await conn.execute(text("SELECT pg_sleep(5)"))
    assert busy.value.sqlstate == "57014"
    await impatient.close()


async def test_a_cancelled_query_leaves_no_backend_at_work(
    database_urls: roles.Urls, superuser: asyncpg.Connection
) -> None:
    patient = Database.connect(
        database_urls.app, application_name="left", statement_timeout_ms=60_000
    )

    async def query() -> None:
        async with patient.read(A) as conn:
            await conn.execute(text("SELECT pg_sleep(50)"))

    task = asyncio.create_task(query())
    while not await live_backends(superuser, "left"):  # noqa: ASYNC110  the server has no event
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        while await live_backends(superuser, "left"):  # noqa: ASYNC110  the server has no event
            await asyncio.sleep(0)
    async with patient.read(A) as conn:
        assert await dids.count(conn, dids.DidFilter()) == 0
    await patient.close()


@pytest.mark.parametrize("reading", [True, False])
async def test_terminated_idle_connections_are_not_noticed(
    database: Database, owner: asyncpg.Connection, superuser: asyncpg.Connection, reading: bool
) -> None:
    async with AsyncExitStack() as several:
        for _ in range(3):
            await several.enter_async_context(database.read(A))
    ended = await superuser.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test-app'"
    )
    assert len(ended) == 3
    if reading:
        async with AsyncExitStack() as several:
            for _ in range(3):
                conn = await several.enter_async_context(database.read(A))
                assert await dids.count(conn, dids.DidFilter()) == 0
    for _ in range(3):
        async with database.write(A) as session:
            await dids.insert(session, make.did())
    assert await owner.fetchval("SELECT count(*) FROM voice.dids") == 1


@pytest.mark.parametrize("way_out", ["cancelled", "raised", "failed", "lost"])
async def test_however_a_read_ends_the_pool_gets_a_clean_connection(
    database_urls: roles.Urls, superuser: asyncpg.Connection, way_out: str
) -> None:
    single = Database.connect(database_urls.app, pool_size=1, application_name="single")
    begun = asyncio.Event()

    async def read() -> None:
        async with single.read(A) as conn:
            pid = (await conn.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            begun.set()
            match way_out:
                case "cancelled":
                    await asyncio.Event().wait()
                case "raised":
                    raise Boom
                case "failed":
                    await conn.execute(text("SELECT 1 / 0"))
                case _:
                    await superuser.fetchval("SELECT pg_terminate_backend($1)", pid)
                    await conn.execute(text("SELECT 1"))

    task = asyncio.create_task(read())
    await begun.wait()
    if way_out == "cancelled":
        task.cancel()
    with pytest.raises((Boom, errors.DatabaseFault, asyncio.CancelledError)):
        await task
    assert (
        await superuser.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'single' AND state LIKE 'idle in transaction%'"
        )
        == 0
    )
    async with single.read(Scope.customer(seed.CUSTOMER_B)) as conn:
        assert await dids.count(conn, dids.DidFilter()) == 0
    async with single.write(A) as session:
        await dids.insert(session, make.did())
    await single.close()


async def test_a_connection_lost_at_work_is_unavailable(
    database: Database, owner: asyncpg.Connection, superuser: asyncpg.Connection
) -> None:
    async def work() -> None:
        async with database.write(A) as session:
            await dids.insert(session, make.did())
            pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await superuser.fetchval("SELECT pg_terminate_backend($1)", pid)
            await dids.count(session, dids.DidFilter())

    with pytest.raises(errors.DatabaseUnavailable) as lost:
        await work()
    assert lost.value.retryable
    assert await owner.fetchval("SELECT count(*) FROM voice.dids") == 0


async def test_no_server_is_unavailable() -> None:
    nowhere = Database.connect("postgresql://warp_app:x@127.0.0.1:1/warp")
    with pytest.raises(errors.DatabaseUnavailable):
        async with nowhere.read(A):
            pass
    await nowhere.close()


async def test_constraints_are_named(database: Database) -> None:
    async def insert_twice() -> None:
        async with database.write(A) as session:
            await dids.insert(session, make.did())
            session.add(make.did())

    with pytest.raises(errors.UniqueViolated) as taken:
        await insert_twice()
    assert taken.value.constraint == "dids_live_number"
    with pytest.raises(errors.ConstraintViolated) as wrong:
        async with database.write(A) as session:
            await dids.insert(session, make.did("+15"))
    assert wrong.value.constraint == "dids_number_e164"
    assert not isinstance(wrong.value, errors.UniqueViolated)


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("SELECT CAST(:v AS text)", "nul\0"),
        ("SELECT CAST(:v AS text)", "\ud800"),
        ("SELECT CAST(:v AS integer)", 2**40),
        ("SELECT 1 / CAST(:v AS integer)", 0),
    ],
)
async def test_what_cannot_be_stored_is_a_plain_fault(
    database: Database, statement: str, value: object
) -> None:
    with pytest.raises(errors.DatabaseFault) as fault:
        async with database.read(STAFF) as conn:
            await conn.execute(text(statement), {"v": value})
    assert not fault.value.retryable
    assert "\0" not in str(fault.value)


async def test_messages_never_hold_values(database: Database) -> None:
    with pytest.raises(errors.DatabaseFault) as fault:
        async with database.write(A) as session:
            await dids.insert(session, make.did(cnam="a secret longer than fifteen"))
    seen: BaseException | None = fault.value
    while seen is not None:
        assert "secret" not in str(seen)
        seen = seen.__cause__


async def test_a_plan_made_stale_by_a_migration_is_run_again(
    database: Database, owner: asyncpg.Connection
) -> None:
    async def work(session: AsyncSession) -> int:
        return len((await session.execute(text("SELECT * FROM voice.trunks"))).all())

    assert await database.transact(A, work) == 2
    await owner.execute("ALTER TABLE voice.trunks ADD COLUMN extra text")
    assert await database.transact(A, work) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("statement_timeout", "5s"),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("client_connection_check_interval", "1s"),
        ("timezone", "UTC"),
        ("jit", "off"),
        ("transaction_read_only", "on"),
    ],
)
async def test_settings_of_a_read(database: Database, name: str, value: str) -> None:
    async with database.read(STAFF) as conn:
        assert (await conn.execute(text(f"SHOW {name}"))).scalar_one() == value


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("08006", errors.DatabaseUnavailable),
        ("57P01", errors.DatabaseUnavailable),
        ("53100", errors.DatabaseUnavailable),
        ("53300", errors.DatabaseBusy),
        ("40P01", errors.SerializationConflict),
        ("0A000", errors.SerializationConflict),
        ("23P01", errors.UniqueViolated),
        ("23503", errors.ConstraintViolated),
        ("42501", errors.TenancyViolated),
        ("42P01", errors.DatabaseFault),
    ],
)
def test_each_state_has_its_name(state: str, kind: type[errors.DatabaseFault]) -> None:
    reported = asyncpg.PostgresError.new({"C": state, "M": "value 4711"})
    fault = errors.of_driver(reported)
    assert type(fault) is kind
    assert fault.sqlstate == state
    assert "4711" not in str(fault)


def test_an_unknown_failure_of_the_driver_is_a_fault() -> None:
    assert type(errors.of_driver(Boom())) is errors.DatabaseFault


async def test_raw_connections_have_the_same_names(postgres_cluster: TestCluster) -> None:
    with pytest.raises(errors.DatabaseFault) as refused, errors.typed():
        await asyncpg.connect(postgres_cluster.server.url, user="nobody")
    assert refused.value.sqlstate == "28P01"
