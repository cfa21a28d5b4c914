"""Operations: one live one for each subject, and nobody writes who does not have it in hand."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db import events, jobs, operations, seed
from db.engine import Database
from db.tables import Operation
from numbering.actors import Scope
from numbering.lanes import Lane
from numbering.lifecycle import OperationKind, OperationState
from tests.db import make

A, B, WORKER = Scope.customer(seed.CUSTOMER_A), Scope.customer(seed.CUSTOMER_B), Scope.worker()
S = OperationState
LEASE = timedelta(seconds=30)
SOON = timedelta(seconds=5)
Shift = Callable[[float], Awaitable[None]]


@pytest.fixture
async def op(database: Database) -> Operation:
    """A queued operation of customer A."""
    async with database.write(A) as session:
        made = await operations.insert(session, make.operation())
        assert made is not None
        return made


async def claimed(database: Database, operation_id: UUID) -> Operation | None:
    """The operation, if it can be had."""
    async with database.write(WORKER) as session:
        return await operations.claim(session, operation_id, LEASE)


async def now_is(database: Database, operation_id: UUID) -> Operation:
    """The operation as it is."""
    async with database.read(WORKER) as conn:
        return (await operations.by_ids(conn, [operation_id]))[operation_id]


async def history(database: Database, operation_id: UUID) -> list[str]:
    """The kinds of the operation's events, in order."""
    async with database.read(WORKER) as conn:
        found = await events.page(conn, events.of_operation(operation_id))
        assert [event.seq for event in found] == list(range(1, len(found) + 1))
        return [event.kind for event in found]


async def test_one_live_operation_for_each_subject(database: Database) -> None:
    async def accept(scope: Scope) -> bool:
        async with database.write(scope) as session:
            op = make.operation(customer_id=scope.customer_id)
            return await operations.insert(session, op) is not None

    assert sorted(await asyncio.gather(*(accept(scope) for scope in [A, B] * 4))) == [False] * 7 + [
        True
    ]


@pytest.mark.parametrize("end", [S.SUCCEEDED, S.FAILED])
async def test_the_lock_ends_with_the_operation(
    database: Database, worker_database: Database, op: Operation, end: OperationState
) -> None:
    held = await claimed(worker_database, op.id)
    assert held is not None
    async with worker_database.write(WORKER) as session:
        await operations.settle(session, op.id, held.fence, end)
    async with database.write(A) as session:
        assert await operations.insert(session, make.operation()) is not None


async def test_other_groups_and_subjects_have_locks_of_their_own(
    database: Database, op: Operation
) -> None:
    async with database.write(A) as session:
        assert await operations.insert(session, make.operation("+13035550201")) is not None
        other = make.operation(kind_group="port", kind=OperationKind.PORT_POLL)
        assert await operations.insert(session, other) is not None
        assert {k: v.id for k, v in (await operations.live_for(session, [op.subject])).items()} == {
            op.subject: op.id
        }


async def test_only_one_claims(worker_database: Database, op: Operation) -> None:
    got = await asyncio.gather(*(claimed(worker_database, op.id) for _ in range(6)))
    winners = [each for each in got if each is not None]
    assert len(winners) == 1
    assert (winners[0].fence, winners[0].state) == (1, S.RUNNING)


async def test_a_lease_that_ran_out_is_taken_over_and_the_first_writes_nothing(
    worker_database: Database, op: Operation, shift_clock: Shift
) -> None:
    first = await claimed(worker_database, op.id)
    assert first is not None
    await shift_clock(31)
    second = await claimed(worker_database, op.id)
    assert second is not None
    assert (first.fence, second.fence) == (1, 2)
    before = await now_is(worker_database, op.id)
    async with worker_database.write(WORKER) as session:
        late: list[Operation | None] = [
            await operations.mark_sent(session, op.id, first.fence, "assign"),
            await operations.renew(session, op.id, first.fence, LEASE),
            await operations.progress(session, op.id, first.fence, step="x"),
            await operations.wait(session, op.id, first.fence, SOON),
            await operations.settle(session, op.id, first.fence, S.SUCCEEDED),
            await operations.attention(session, op.id, first.fence, last_error="x"),
        ]
    assert late == [None] * 6
    assert tuple(await now_is(worker_database, op.id)) == tuple(before)
    assert await history(worker_database, op.id) == ["QUEUED", "RUNNING", "RUNNING"]


async def test_renewing_keeps_it(
    worker_database: Database, op: Operation, shift_clock: Shift
) -> None:
    held = await claimed(worker_database, op.id)
    assert held is not None
    await shift_clock(20)
    async with worker_database.write(WORKER) as session:
        assert await operations.renew(session, op.id, held.fence, LEASE) is not None
    await shift_clock(20)
    assert await claimed(worker_database, op.id) is None


async def test_a_mark_is_written_before_the_call(worker_database: Database, op: Operation) -> None:
    held = await claimed(worker_database, op.id)
    assert held is not None
    async with worker_database.write(WORKER) as session:
        for step in ("reserve", "assign", "assign"):
            await operations.mark_sent(session, op.id, held.fence, step)
    marked = await now_is(worker_database, op.id)
    assert (set(marked.sent), marked.step, marked.attempt) == ({"reserve", "assign"}, "assign", 3)
    stamps = {step: datetime.fromisoformat(at) for step, at in marked.sent.items()}
    assert stamps["reserve"] < stamps["assign"]
    assert stamps["assign"].tzinfo is not None
    async with worker_database.write(WORKER) as session:
        await operations.progress(session, op.id, held.fence, sent={}, attempt=2, deadline=None)
    assert (await now_is(worker_database, op.id)).attempt == 2
    assert await history(worker_database, op.id) == ["QUEUED", "RUNNING"]


async def test_waiting_lets_go_until_it_is_due(
    worker_database: Database, op: Operation, shift_clock: Shift
) -> None:
    held = await claimed(worker_database, op.id)
    assert held is not None
    async with worker_database.write(WORKER) as session:
        waiting = await operations.wait(
            session, op.id, held.fence, SOON, state=S.UNKNOWN, last_error="reset"
        )
    assert waiting is not None
    assert (waiting.state, waiting.lease_until, waiting.last_error) == (S.UNKNOWN, None, "reset")
    assert await claimed(worker_database, op.id) is None
    await shift_clock(6)
    assert await claimed(worker_database, op.id) is not None
    assert await history(worker_database, op.id) == ["QUEUED", "RUNNING", "UNKNOWN", "RUNNING"]


async def test_a_waiting_one_can_be_hurried(worker_database: Database, op: Operation) -> None:
    held = await claimed(worker_database, op.id)
    assert held is not None
    async with worker_database.write(WORKER) as session:
        assert await operations.hurry(session, op.id) is None
        await operations.wait(session, op.id, held.fence, SOON)
        assert await operations.hurry(session, op.id) is not None
    assert await claimed(worker_database, op.id) is not None


async def test_the_end_is_the_end(worker_database: Database, op: Operation) -> None:
    held = await claimed(worker_database, op.id)
    assert held is not None
    async with worker_database.write(WORKER) as session:
        ended = await operations.settle(
            session, op.id, held.fence, S.FAILED, result={"a": 1}, error={"code": "INVALID"}
        )
        assert ended is not None
        assert (ended.state, ended.result, ended.error) == (S.FAILED, {"a": 1}, {"code": "INVALID"})
        assert ended.finished_at is not None
        assert ended.sequence == 3
        assert await operations.settle(session, op.id, held.fence, S.SUCCEEDED) is None
    assert await claimed(worker_database, op.id) is None
    assert await history(worker_database, op.id) == ["QUEUED", "RUNNING", "FAILED"]
    async with worker_database.read(WORKER) as conn:
        last = (await events.page(conn, events.of_operation(op.id)))[-1]
    assert dict(last.payload) == {
        "kind": "NUMBER_HOLD",
        "state": "FAILED",
        "attempt": 0,
        "subject": op.subject,
        "error": {"code": "INVALID"},
    }
    assert last.customer_id == seed.CUSTOMER_A


async def put_before_people(worker_database: Database, op: Operation) -> None:
    """ATTENTION."""
    held = await claimed(worker_database, op.id)
    assert held is not None
    async with worker_database.write(WORKER) as session:
        assert await operations.attention(session, op.id, held.fence, last_error="lost") is not None


async def test_attention_keeps_the_lock_and_nobody_claims_it(
    database: Database, worker_database: Database, op: Operation
) -> None:
    await put_before_people(worker_database, op)
    assert await claimed(worker_database, op.id) is None
    async with database.write(A) as session:
        assert await operations.insert(session, make.operation()) is None


@pytest.mark.parametrize(
    ("decide", "state"),
    [
        (operations.revive, S.QUEUED),
        (lambda s, i: operations.give_up(s, i, S.FAILED), S.FAILED),
        (lambda s, i: operations.give_up(s, i, S.SUCCEEDED), S.SUCCEEDED),
    ],
)
async def test_people_decide_once(
    database: Database,
    worker_database: Database,
    op: Operation,
    decide: Callable[..., Awaitable[Operation | None]],
    state: OperationState,
) -> None:
    async with database.write(Scope.staff()) as session:
        assert await decide(session, op.id) is None
    await put_before_people(worker_database, op)
    async with database.write(Scope.staff()) as session:
        decided = await decide(session, op.id)
        assert decided is not None
        assert (decided.state, decided.fence, decided.attempt) == (state, 2, 0)
        assert await decide(session, op.id) is None
    assert (await claimed(worker_database, op.id) is None) == (state is not S.QUEUED)


async def strandeds(worker_database: Database) -> list[UUID]:
    """What the sweeper would pick up."""
    async with worker_database.read(WORKER) as conn:
        return [each.id for each in await operations.stranded(conn)]


async def test_stranded_are_due_without_lease_and_job(
    worker_database: Database, op: Operation, shift_clock: Shift, owner: asyncpg.Connection
) -> None:
    assert await strandeds(worker_database) == [op.id]
    async with worker_database.write(WORKER) as session:
        await jobs.enqueue(session, op.id, lane=op.lane)
    assert await strandeds(worker_database) == []
    await owner.execute("UPDATE queue.pgqueuer SET status = 'picked'")
    assert await strandeds(worker_database) == []
    await owner.execute("UPDATE queue.pgqueuer SET status = 'failed'")
    assert await strandeds(worker_database) == [op.id]
    await owner.execute("DELETE FROM queue.pgqueuer")
    held = await claimed(worker_database, op.id)
    assert held is not None
    assert await strandeds(worker_database) == []
    await shift_clock(31)
    assert await strandeds(worker_database) == [op.id]
    async with worker_database.write(WORKER) as session:
        await operations.wait(session, op.id, held.fence, SOON)
    assert await strandeds(worker_database) == []
    await shift_clock(6)
    assert await strandeds(worker_database) == [op.id]
    await put_before_people(worker_database, op)
    await shift_clock(1000)
    assert await strandeds(worker_database) == []


async def test_what_is_asked_can_be_added_to_while_it_lives(
    database: Database, worker_database: Database, op: Operation
) -> None:
    async with database.write(A) as session:
        await operations.amend(session, op.id, {"a": 1})
        amended = await operations.amend(session, op.id, {"b": 2})
    assert amended is not None
    assert amended.request == {"a": 1, "b": 2}
    held = await claimed(worker_database, op.id)
    assert held is not None
    async with worker_database.write(WORKER) as session:
        await operations.settle(session, op.id, held.fence, S.SUCCEEDED)
    async with database.write(A) as session:
        assert await operations.amend(session, op.id, {"c": 3}) is None


async def watch_list(worker_database: Database) -> list[UUID]:
    """Ended assigns to look at once more."""
    async with worker_database.read(WORKER) as conn:
        return [each.id for each in await operations.watched(conn)]


async def test_an_ended_assign_with_a_mark_is_watched_until_told_otherwise(
    database: Database, worker_database: Database, op: Operation, shift_clock: Shift
) -> None:
    async with database.write(A) as session:
        assign = make.operation("+13035550201", kind=OperationKind.NUMBER_ASSIGN)
        made = await operations.insert(session, assign)
        assert made is not None
    for each in (op, made):
        held = await claimed(worker_database, each.id)
        assert held is not None
        async with worker_database.write(WORKER) as session:
            await operations.mark_sent(session, each.id, held.fence, "assign")
            assert await watch_list(worker_database) == []
            await operations.settle(session, each.id, held.fence, S.FAILED)
    assert await watch_list(worker_database) == [made.id]
    async with worker_database.write(WORKER) as session:
        await operations.watch_again(session, made.id, SOON)
    assert await watch_list(worker_database) == []
    await shift_clock(6)
    assert await watch_list(worker_database) == [made.id]
    async with worker_database.write(WORKER) as session:
        await operations.watch_again(session, made.id, None)
    assert await watch_list(worker_database) == []


async def test_counts_and_families(database: Database, op: Operation) -> None:
    parent = make.stranger()
    async with database.write(A) as session:
        family: list[Any] = [
            await operations.insert(
                session, make.operation(f"+1303555020{n}", lane=Lane.BULK, parent_id=parent)
            )
            for n in range(1, 4)
        ]
        assert await operations.live_count(session, seed.CUSTOMER_A, Lane.BULK) == 3
        assert await operations.live_count(session, seed.CUSTOMER_A, Lane.INTERACTIVE) == 1
        found = await operations.of_parent(session, parent)
        assert [each.id for each in found] == [each.id for each in family]
        assert await operations.by_ids(session, [make.stranger()]) == {}
        assert abs(await operations.seconds_until(session, op.created_at)) < 60
    async with database.read(B) as conn:
        assert await operations.live_count(conn, seed.CUSTOMER_A, Lane.BULK) == 0
