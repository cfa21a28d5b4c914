"""Idempotency keys, incidents, the audit trail, customers, and how things stand."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from db import (
    addresses,
    audit,
    clock,
    customers,
    dids,
    events,
    idempotency,
    incidents,
    operations,
    reservations,
    seed,
    signs,
    standing,
    trunks,
)
from db.audit import AuditFilter, Change
from db.engine import Database
from db.idempotency import Claimed, Replay
from db.tables import AuditRow, Incident
from numbering.actors import Scope
from numbering.lanes import Lane
from numbering.lifecycle import (
    AuditAction,
    DidStatus,
    IncidentState,
    OperationKind,
    OperationState,
    ReservationItemState,
    RoutingType,
)
from numbering.refusals import KeyReused
from tests.db import make

A, B = Scope.customer(seed.CUSTOMER_A), Scope.customer(seed.CUSTOMER_B)
STAFF, WORKER = Scope.staff(), Scope.worker()
Shift = Callable[[float], Awaitable[None]]


async def use_key(database: Database, scope: Scope, key: str, asked: str) -> object:
    """What a mutation does with its key."""
    place = (str(scope.customer_id), "reserveNumbers", key)

    async def work(session: AsyncSession) -> object:
        claimed = await idempotency.claim(session, *place, asked)
        if isinstance(claimed, Replay):
            return claimed.result["made"]
        made = str(make.stranger())
        await idempotency.store(session, *place, {"made": made})
        return made

    return await database.transact(scope, work)


async def test_fifty_at_once_do_it_once(database: Database, owner: asyncpg.Connection) -> None:
    answers = await asyncio.gather(*(use_key(database, A, "k", "h") for _ in range(8)))
    assert len(set(answers)) == 1
    assert await owner.fetchval("SELECT count(*) FROM ops.idempotency") == 1


async def test_another_input_is_refused(database: Database) -> None:
    await use_key(database, A, "k", "one")
    with pytest.raises(KeyReused):
        await use_key(database, A, "k", "two")


async def test_keys_belong_to_their_scope(database: Database) -> None:
    assert await use_key(database, A, "k", "h") != await use_key(database, B, "k", "h")


async def test_a_key_of_a_rolled_back_attempt_is_free(database: Database) -> None:
    async def fail() -> None:
        async with database.write(A) as session:
            assert await idempotency.claim(session, "s", "m", "k", "one") == Claimed()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.write(A) as session:
        assert await idempotency.claim(session, "s", "m", "k", "two") == Claimed()
        assert await idempotency.claim(session, "s", "m", "k", "two") == Replay({})


async def test_a_foreign_key_tells_nothing(database: Database) -> None:
    async with database.write(A) as session:
        await idempotency.claim(session, "shared", "m", "k", "h")
    with pytest.raises(KeyReused):
        async with database.write(B) as session:
            await idempotency.claim(session, "shared", "m", "k", "h")


async def test_keys_are_kept_thirty_days(
    database: Database, worker_database: Database, shift_clock: Shift
) -> None:
    first = await use_key(database, A, "k", "h")
    await shift_clock(29.9 * 86400)
    async with worker_database.write(WORKER) as session:
        assert await idempotency.prune(session) == 0
    assert await use_key(database, A, "k", "h") == first
    await shift_clock(0.2 * 86400)
    async with worker_database.write(WORKER) as session:
        assert await idempotency.prune(session) == 1
    assert await use_key(database, A, "k", "h") != first


async def test_the_life_of_an_incident(database: Database, worker_database: Database) -> None:
    async with worker_database.write(WORKER) as session:
        op = await operations.insert(session, make.operation())
        assert op is not None
        opened = await incidents.open_one(
            session, Incident(operation_id=op.id, customer_id=op.customer_id, summary="lost")
        )
        again = await incidents.open_one(
            session, Incident(operation_id=op.id, summary="worse", last_error="E")
        )
    assert (again.id, again.summary, again.last_error) == (opened.id, "worse", "E")
    async with database.write(STAFF) as session:
        retrying = await incidents.retrying(session, opened.id)
        assert retrying is not None
        assert retrying.state is IncidentState.RETRYING
        assert await incidents.retrying(session, opened.id) is None
        reopened = await incidents.open_one(session, Incident(operation_id=op.id, summary="again"))
        assert (reopened.id, reopened.state) == (opened.id, IncidentState.OPEN)
        closed = await incidents.resolve(session, opened.id, by="ada", resolution="released")
        assert closed is not None
        assert (closed.state, closed.resolved_by, closed.resolution) == (
            IncidentState.RESOLVED,
            "ada",
            "released",
        )
        assert closed.resolved_at is not None
        assert await incidents.resolve(session, opened.id, by="bob", resolution="x") is None
        assert await incidents.resolve_for(session, op.id, by="bob", resolution="x") is None
        second = await incidents.open_one(session, Incident(operation_id=op.id, summary="new"))
        assert second.id != opened.id
        by_itself = await incidents.resolve_for(session, op.id, by="WARP", resolution="through")
        assert by_itself is not None
        told = await events.page(session, events.INCIDENTS)
    assert [event.kind for event in told] == [
        *("OPEN", "OPEN", "RETRYING", "OPEN", "RESOLVED", "OPEN", "RESOLVED")
    ]
    assert told[0].payload == {"incidentId": str(opened.id)}
    assert told[0].customer_id is None


async def test_incidents_of_the_platform_are_open_once(worker_database: Database) -> None:
    async def open_it() -> bool:
        async with worker_database.write(WORKER) as session:
            return await incidents.open_once(session, "token refused") is not None

    assert sorted(await asyncio.gather(*(open_it() for _ in range(4)))) == [False] * 3 + [True]


async def test_pages_of_incidents(database: Database, worker_database: Database) -> None:
    async with worker_database.write(WORKER) as session:
        for number in range(3):
            await incidents.open_one(
                session, Incident(summary=str(number), customer_id=seed.CUSTOMER_A)
            )
    async with database.read(STAFF) as conn:
        whole = await incidents.page(conn)
        assert [row.summary for row in whole] == ["2", "1", "0"]
        after = (whole[0].opened_at, whole[0].id)
        assert [row.summary for row in await incidents.page(conn, after=after, limit=1)] == ["1"]
        assert await incidents.count(conn, states=[IncidentState.RESOLVED]) == 0
        assert await incidents.count(conn) == 3
        assert list(await incidents.by_ids(conn, [whole[1].id])) == [whole[1].id]
    async with database.read(B) as conn:
        assert list(await incidents.page(conn, states=[IncidentState.OPEN])) == []


async def note(
    database: Database, scope: Scope, action: AuditAction = AuditAction.HOLD, number: str = "+1"
) -> AuditRow:
    """One entry of the trail."""
    async with database.write(scope) as session:
        return await audit.append(
            session,
            customer_id=scope.customer_id,
            actor="ada",
            actor_is_staff=scope == STAFF,
            action=action,
            number=number,
            before={"a": None},
            after={"a": 1},
            reason="because",
            request_id="r",
            operation_id=make.stranger(),
        )


async def test_the_trail_is_numbered_without_gaps_for_each_customer(database: Database) -> None:
    scopes = [A, B, STAFF] * 4
    written = await asyncio.gather(*(note(database, scope) for scope in scopes))
    for scope in (A, B, STAFF):
        own = [row.seq for row, s in zip(written, scopes, strict=True) if s == scope]
        assert sorted(own) == [1, 2, 3, 4]
    row = written[0]
    assert (row.before, row.after, row.reason) == ({"a": None}, {"a": 1}, "because")


async def test_many_changes_are_written_in_two_statements(
    database: Database, owner: asyncpg.Connection
) -> None:
    """And numbered as if one by one, also beside somebody who writes one by one."""
    changes = [Change(f"+1303555{n:04}", {"n": None}, {"n": n}) for n in range(200)]
    changes.append(Change("+13035559999"))

    async def many() -> None:
        async with database.write(A) as session:
            shared: dict[str, Any] = {"customer_id": A.customer_id, "actor": "ada"}
            shared |= {"actor_is_staff": False, "action": AuditAction.PORT_FIX, "reason": "why"}
            await audit.append_all(session, (), **shared)
            await audit.append_all(session, changes, **shared)

    await asyncio.gather(many(), note(database, A), many(), note(database, A), note(database, B))
    rows = await owner.fetch(
        "SELECT * FROM ops.audit WHERE customer_id = $1 ORDER BY seq", A.customer_id
    )
    assert [row["seq"] for row in rows] == list(range(1, 2 * 201 + 3))
    written = [row for row in rows if row["action"] == "PORT_FIX"]
    assert [row["number"] for row in written] == [change.number for change in changes] * 2
    assert {row["reason"] for row in written} == {"why"}
    assert (written[7]["before"], written[7]["after"]) == ('{"n": null}', '{"n": 7}')
    assert (written[200]["before"], written[200]["after"]) == (None, None)


async def test_pages_of_the_trail(database: Database) -> None:
    first = await note(database, A, AuditAction.HOLD, "+13035550200")
    second = await note(database, A, AuditAction.ASSIGN, "+13035550200")
    third = await note(database, A, AuditAction.RELEASE, "+13035550201")
    await note(database, B)
    async with database.write(STAFF) as session:
        platform = await audit.append(
            session, customer_id=None, actor="w", actor_is_staff=True, action=AuditAction.EXPIRE
        )
    assert (platform.before, platform.after) == (None, None)
    three = [third.id, second.id, first.id]
    async with database.read(A) as conn:
        for where, expected in (
            (None, three),
            (AuditFilter(number="+13035550200"), three[1:]),
            (AuditFilter(actions=(AuditAction.HOLD, AuditAction.RELEASE)), [third.id, first.id]),
            (AuditFilter(actions=()), []),
            (AuditFilter(since=second.at), three[:2]),
            (AuditFilter(until=second.at), [first.id]),
            (AuditFilter(customer_id=seed.CUSTOMER_B), []),
        ):
            assert [row.id for row in await audit.page(conn, where)] == expected, where
            assert await audit.count(conn, where) == len(expected)
        page = await audit.page(conn, after=(third.at, third.id), limit=1)
        assert [row.id for row in page] == [second.id]
        assert list(await audit.by_ids(conn, [first.id])) == [first.id]
    async with database.read(STAFF) as conn:
        assert await audit.count(conn) == 5
        assert await audit.count(conn, AuditFilter(customer_id=seed.CUSTOMER_B)) == 1


async def test_customers_and_neighbours(database: Database) -> None:
    async with database.read(STAFF) as conn:
        names = [row.name for row in await customers.page(conn)]
        assert names == ["Aspen Outfitters", "Boulder Dental"]
        first = (await customers.page(conn, limit=1))[0]
        rest = await customers.page(conn, after=(first.name, first.id))
        assert [row.name for row in rest] == names[1:]
        for search, count in (("DENTAL", 1), ("warp-100", 2), ("@boulder", 1), ("%", 0), ("", 2)):
            assert await customers.count(conn, search=search) == count
            assert len(await customers.page(conn, search=search)) == count
        both = [seed.CUSTOMER_A, seed.CUSTOMER_B]
        of = await trunks.of_customers(conn, both)
        assert [t.id for t in of[seed.CUSTOMER_A]] == [seed.TRUNK_A2, seed.TRUNK_A1]
        assert set(await trunks.by_ids(conn, [seed.TRUNK_B1, make.stranger()])) == {seed.TRUNK_B1}
        assert set(await addresses.of_customers(conn, both)) == set(both)
        assert (await addresses.by_ids(conn, [seed.ADDRESS_A]))[seed.ADDRESS_A].validated
    async with database.read(A) as conn:
        assert set(await customers.by_ids(conn, both)) == {seed.CUSTOMER_A}
        assert await trunks.by_ids(conn, [seed.TRUNK_B1]) == {}


async def test_what_a_customer_has(database: Database, shift_clock: Shift) -> None:
    cart = make.cart()
    async with database.write(A) as session:
        kinds: list[dict[str, object]] = [
            {"sms_enabled": True, "routing_type": RoutingType.TRUNK},
            {"status": DidStatus.PORTING},
            {"status": DidStatus.RELEASING, "monthly_cost": Decimal(2)},
            {"status": DidStatus.DISCONNECTED},
        ]
        for number, values in enumerate(kinds):
            await dids.insert(session, make.did(f"+1303555020{number}", **values))
        soon = await clock.now(session) + timedelta(seconds=60)
        await reservations.insert(
            session,
            cart,
            [
                make.item(cart, "+13035550210"),
                make.item(cart, "+13035550211", state=ReservationItemState.HELD, expires_at=soon),
                make.item(cart, "+13035550212", state=ReservationItemState.RELEASED),
            ],
        )
    full = customers.Summary(
        total=3,
        active=1,
        porting=1,
        releasing=1,
        sms_enabled=1,
        unrouted=2,
        held=2,
        monthly_total=Decimal("4.5000"),
    )
    both = [seed.CUSTOMER_A, seed.CUSTOMER_B]
    async with database.read(A) as conn:
        assert await customers.summary(conn, both) == {
            seed.CUSTOMER_A: full,
            seed.CUSTOMER_B: customers.Summary(),
        }
    await shift_clock(61)
    async with database.read(STAFF) as conn:
        assert (await customers.summary(conn, [seed.CUSTOMER_A]))[seed.CUSTOMER_A].held == 1


async def test_workers_give_signs_of_life(
    database: Database, worker_database: Database, owner: asyncpg.Connection
) -> None:
    async with database.read(STAFF) as conn:
        assert await signs.newest(conn) is None
    async with worker_database.write(WORKER) as session:
        await signs.give(session, "old")
    await owner.execute("UPDATE ops.sign SET seen_at = seen_at - interval '25 hours'")
    async with database.read(STAFF) as conn:
        assert 89_000 < (await signs.newest(conn) or 0) < 91_000
    async with worker_database.write(WORKER) as session:
        await signs.give(session, "new")
        await signs.give(session, "new")
    async with database.read(STAFF) as conn:
        assert 0 <= (await signs.newest(conn) or 0) < 60
    assert await owner.fetchval("SELECT array_agg(process) FROM ops.sign") == ["new"]


async def test_how_it_stands(
    database: Database, worker_database: Database, shift_clock: Shift
) -> None:
    async with worker_database.write(WORKER) as session:
        for number in range(3):
            await operations.insert(session, make.operation(f"+1303555020{number}"))
        bulk = await operations.insert(
            session, make.operation(kind=OperationKind.METADATA_PUSH, lane=Lane.BULK, subject="x")
        )
        assert bulk is not None
        await incidents.open_one(session, Incident(summary="s"))
    await shift_clock(100)
    async with database.read(STAFF) as conn:
        found = {(row.kind, row.state): row for row in await standing.operations(conn)}
        holds = found[OperationKind.NUMBER_HOLD, OperationState.QUEUED]
        assert holds.count == 3
        assert 100 <= holds.oldest_seconds < 200
        assert await standing.open_incidents(conn) == 1
        assert await standing.waiting(conn) == {Lane.INTERACTIVE: 3, Lane.BULK: 1}
        now = await clock.now(conn)
    assert timedelta(seconds=95) < now - datetime.now(UTC) < timedelta(seconds=200)
