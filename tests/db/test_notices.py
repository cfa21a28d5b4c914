"""Deliveries that come in and notices that go out: each once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg

from db import inbox, notices, operations, seed
from db.engine import Database
from db.tables import Notice
from numbering.actors import Scope
from numbering.lifecycle import OperationKind, OperationState
from numbering.notices import NoticeKind
from tests.db import make

A, B = Scope.customer(seed.CUSTOMER_A), Scope.customer(seed.CUSTOMER_B)
STAFF, WORKER = Scope.staff(), Scope.worker()
Shift = Callable[[float], Awaitable[None]]


async def test_a_delivery_is_kept_once(database: Database, worker_database: Database) -> None:
    webhook = make.webhook(carrier_id="pp-1", lsr_id="L1")
    async with database.write(STAFF) as session:
        assert await inbox.keep(session, webhook)
    async with database.write(STAFF) as session:
        assert not await inbox.keep(session, make.webhook(type="other"))
    async with worker_database.write(WORKER) as session:
        found = await inbox.by_operation(session, webhook.operation_id)
        assert found is not None
        assert (found.type, found.carrier_id, found.lsr_id) == ("port-status", "pp-1", "L1")
        assert found.processed_at is None
        await inbox.processed(session, webhook.id, "moved")
        done = await inbox.by_operation(session, webhook.operation_id)
        assert done is not None
        assert done.outcome == "moved"
        assert done.processed_at is not None
        assert await inbox.by_operation(session, make.stranger()) is None


async def test_old_deliveries_are_forgotten(
    database: Database, worker_database: Database, shift_clock: Shift
) -> None:
    async with database.write(STAFF) as session:
        await inbox.keep(session, make.webhook("old"))
    await shift_clock(timedelta(days=31).total_seconds())
    async with database.write(STAFF) as session:
        await inbox.keep(session, make.webhook("new"))
    async with worker_database.write(WORKER) as session:
        assert await inbox.prune(session) == 1
        assert await inbox.prune(session) == 0
        assert await inbox.prune(session, timedelta(0)) == 1


async def test_an_occasion_is_told_to_each_once(database: Database) -> None:
    wanted = [make.notice(recipient="b@x.example"), make.notice(recipient="a@x.example")]
    async with database.write(A) as session:
        kept = await notices.keep_all(session, wanted)
        assert [notice.recipient for notice in kept] == ["a@x.example", "b@x.example"]
        again = [make.notice(recipient="a@x.example"), make.notice(recipient="c@x.example")]
        late = await notices.keep_all(session, again)
        assert [notice.recipient for notice in late] == ["c@x.example"]
        assert await notices.keep_all(session, []) == []
    async with database.read(B) as conn:
        assert await notices.by_ids(conn, [wanted[0].id]) == {}


async def test_a_notice_is_sent_once(database: Database, worker_database: Database) -> None:
    async with database.write(A) as session:
        (notice,) = await notices.keep_all(session, [make.notice(facts={"active": 98})])
    async with worker_database.write(WORKER) as session:
        counted = await notices.count_send(session, notice.id)
        assert counted is not None
        assert (counted.sends, counted.facts) == (1, {"active": 98})
        done = await notices.sent(session, notice.id)
        assert done is not None
        assert done.sent_at is not None
        assert await notices.sent(session, notice.id) is None
        assert await notices.count_send(session, notice.id) is None
        assert (await notices.by_ids(session, [notice.id]))[notice.id].sends == 1


async def test_notices_that_nobody_sends_are_found(
    database: Database, worker_database: Database, shift_clock: Shift
) -> None:
    kept: list[Notice] = []
    for occasion in ("charged", "given up", "sent", "forgotten", "forgotten too"):
        async with database.write(A) as session:
            kept += await notices.keep_all(session, [make.notice(occasion)])
        await shift_clock(1)
    states = (OperationState.WAITING, OperationState.FAILED)
    async with worker_database.write(WORKER) as session:
        for notice, state in zip(kept, states, strict=False):
            operation = make.operation(
                str(notice.id), kind=OperationKind.NOTICE, kind_group=operations.NOTICE, state=state
            )
            await operations.insert(session, operation)
        await notices.sent(session, kept[2].id)
        found = await notices.unsent_without_operation(session)
        assert [notice.occasion for notice in found] == ["forgotten", "forgotten too"]
        assert len(await notices.unsent_without_operation(session, limit=1)) == 1


async def test_preferences_are_chosen_anew(database: Database) -> None:
    complete, foc = NoticeKind.PORT_COMPLETE, NoticeKind.PORT_FOC_SET
    async with database.write(A) as session:
        await notices.set_preferences(session, seed.CUSTOMER_A, [])
        both = [(foc, True, ["a@x.example"]), (complete, False, [])]
        await notices.set_preferences(session, seed.CUSTOMER_A, both)
        await notices.set_preferences(
            session, seed.CUSTOMER_A, [(complete, True, ["b@x.example", "c@x.example"])]
        )
    async with database.read(STAFF) as conn:
        chosen = await notices.preferences_of(conn, [seed.CUSTOMER_A, seed.CUSTOMER_B])
    assert {
        customer: [(one.kind, one.enabled, one.recipients) for one in rows]
        for customer, rows in chosen.items()
    } == {
        seed.CUSTOMER_A: [
            (complete, True, ["b@x.example", "c@x.example"]),
            (foc, True, ["a@x.example"]),
        ]
    }


async def test_live_operations_are_found_in_their_group(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with database.write(A) as session:
        for group in (operations.PORT, operations.PORT_POLL):
            operation = make.operation("p1", kind=OperationKind.PORT_POLL, kind_group=group)
            assert await operations.insert(session, operation) is not None
        found = await operations.live_in(session, operations.PORT, ["p1", "p2"])
        assert {subject: one.kind_group for subject, one in found.items()} == {"p1": "port"}
        assert await operations.live_in(session, operations.NOTICE, ["p1"]) == {}
    await owner.execute("UPDATE ops.operation SET state = 'SUCCEEDED'")
    async with database.read(A) as conn:
        assert await operations.live_in(conn, operations.PORT, ["p1"]) == {}
