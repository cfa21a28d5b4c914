"""Durable operations: what has to happen at the carrier, how far it came, and who has it in hand.

Whoever works on an operation has claimed it: the claim raises `fence` and sets a lease, and every
change is made `WHERE id AND fence`. None as an answer means that the lease was lost: stop silently.
Each change of state writes the next event of the stream `operation:<id>`, whose kind is the state.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import events
from db.rows import by_key, constants, keyed, row_as, rows_as, table_of, values_of
from db.tables import Operation
from db.tables.operations import WATCHED
from db.tenancy import Reader
from numbering.lanes import Lane
from numbering.lifecycle import TERMINAL_OPERATION_STATES, OperationState

NUMBER = "number"
"""The kind group of all that shares the live lock on a telephone number."""

PORT = "port"
"""What is done with a port project at the carrier, one thing at a time; the subject is its id."""

PORT_POLL = "port-poll"
"""The one who looks at a port project again and again; the subject is its id."""

WEBHOOK = "webhook"
"""A delivery of the carrier; the subject is its webhook-id."""

NOTICE = "notice"
"""An e-mail to send; the subject is the notice's id."""

_C = table_of(Operation).c
_NOW = func.ops.now()
_ALL = select(*_C)
_LIVE = _C.state.not_in(constants(TERMINAL_OPERATION_STATES))
_OPEN = _C.state.not_in(constants({*TERMINAL_OPERATION_STATES, OperationState.ATTENTION}))
_UNLEASED = or_(_C.lease_until.is_(None), _C.lease_until < _NOW)
_BY_ID = keyed(Operation)
_BY_SUBJECT = keyed(Operation, "subject")
_LIVE_BY_SUBJECT = _BY_SUBJECT.where(_C.kind_group == NUMBER, _LIVE)
# A job that waits or is being worked on carries its operation; a held or missing one does not.
_NO_JOB = text(
    "NOT EXISTS (SELECT FROM queue.pgqueuer AS j WHERE j.dedupe_key = ops.operation.id::text"
    " AND j.status IN ('queued', 'picked'))"
)


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, Operation]:
    """Operations by id."""
    return await by_key(reader, Operation, _BY_ID, ids)


async def live_for(reader: Reader, numbers: Collection[str]) -> Mapping[str, Operation]:
    """The live operation on each of these numbers, as far as the scope sees them."""
    return await by_key(reader, Operation, _LIVE_BY_SUBJECT, numbers, "subject")


async def live_in(reader: Reader, group: str, subjects: Collection[str]) -> Mapping[str, Operation]:
    """The live operation of a kind group on each of these subjects, as far as the scope sees."""
    statement = _BY_SUBJECT.where(_C.kind_group == group, _LIVE)
    return await by_key(reader, Operation, statement, subjects, "subject")


async def live_subjects(
    reader: Reader, subjects: Collection[str], group: str = NUMBER
) -> Mapping[str, bool]:
    """Which subjects are locked; True for the customer's own. Sees over all customers."""
    locked = func.ops.live_subjects(group, list(subjects)).table_valued("subject", "mine")
    return {row.subject: row.mine for row in await reader.execute(select(locked))}


async def of_parent(reader: Reader, parent_id: UUID) -> Sequence[Operation]:
    """The operations of a cart or batch, oldest first."""
    statement = _ALL.where(_C.parent_id == parent_id).order_by(_C.id)
    return rows_as(Operation, await reader.execute(statement))


async def live_count(reader: Reader, customer_id: UUID, lane: Lane) -> int:
    """How many live operations a customer has in a lane: the more, the later its next one."""
    statement = select(func.count()).where(_C.customer_id == customer_id, _C.lane == lane, _LIVE)
    return int((await reader.execute(statement)).scalar_one())


async def stranded(reader: Reader, limit: int = 100) -> Sequence[Operation]:
    """Operations that are due, that nobody has in hand and no job will bring up: the sweeper's."""
    statement = _ALL.where(_OPEN, _C.run_at <= _NOW, _UNLEASED, _NO_JOB)
    return rows_as(Operation, await reader.execute(statement.order_by(_C.run_at).limit(limit)))


async def seconds_until(reader: Reader, moment: datetime) -> float:
    """How far away a moment is by the database's clock; below zero when it has passed."""
    left = func.extract("epoch", literal(moment) - _NOW)
    return float((await reader.execute(select(left))).scalar_one())


async def watched(reader: Reader, limit: int = 100) -> Sequence[Operation]:
    """Assigns that ended with a mark left, and are due for a look at what came of it."""
    statement = _ALL.where(text(WATCHED), _C.run_at <= _NOW).order_by(_C.run_at).limit(limit)
    return rows_as(Operation, await reader.execute(statement))


async def watch_again(session: AsyncSession, operation_id: UUID, delay: timedelta | None) -> None:
    """When to look at a `watched` one again; None ends the watch."""
    changes: dict[str, Any] = {"sent": {}} if delay is None else {"run_at": _NOW + delay}
    await session.execute(
        update(table_of(Operation)).where(_C.id == operation_id, ~_LIVE).values(**changes)
    )


async def insert_all(
    session: AsyncSession, wanted: Sequence[Operation]
) -> Mapping[UUID, Operation]:
    """Insert operations with their first events, in three statements however many they are.

    Those whose subject is locked, whoever by, are left out of the answer.
    """
    if not wanted:
        return {}
    # In the order of subjects, so that two requests for the same ones queue instead of deadlock.
    rows = [
        {**values_of(operation), "sequence": 1}
        for operation in sorted(wanted, key=lambda operation: operation.subject)
    ]
    statement = pg_insert(table_of(Operation)).values(rows).on_conflict_do_nothing()
    made = rows_as(Operation, await session.execute(statement.returning(*_C)))
    await events.begin_all(
        session,
        [
            events.First(events.of_operation(row.id), row.state.value, _told(row), row.customer_id)
            for row in made
        ],
    )
    return {row.id: row for row in made}


async def insert(session: AsyncSession, operation: Operation) -> Operation | None:
    """Insert one operation; None when its subject is locked, whoever by."""
    return (await insert_all(session, [operation])).get(operation.id)


async def claim(session: AsyncSession, operation_id: UUID, lease: timedelta) -> Operation | None:
    """Take an operation in hand until the lease ends: RUNNING, under a new fence.

    None when it is over, needs a person, is not due yet, or somebody else has it in hand.
    """
    return await _move(
        session,
        (_C.id == operation_id, _OPEN, _C.run_at <= _NOW, _UNLEASED),
        state=OperationState.RUNNING,
        fence=_C.fence + 1,
        lease_until=_NOW + lease,
    )


async def renew(
    session: AsyncSession, operation_id: UUID, fence: int, lease: timedelta
) -> Operation | None:
    """Keep an operation in hand for longer."""
    return await _write(session, _held(operation_id, fence), lease_until=_NOW + lease)


async def mark_sent(
    session: AsyncSession, operation_id: UUID, fence: int, step: str
) -> Operation | None:
    """Write down, before the call, that the call of this step may leave the building now.

    Counts the attempt; a call that was certainly not applied gives it back with `progress`.
    """
    stamp = func.jsonb_build_object(step, _NOW)
    return await _write(
        session,
        _held(operation_id, fence),
        step=step,
        sent=_C.sent.op("||")(stamp),
        attempt=_C.attempt + 1,
    )


async def progress(
    session: AsyncSession, operation_id: UUID, fence: int, **changes: Any
) -> Operation | None:
    """Write down how far it came (step, result, attempt, sent, deadline …); no event."""
    return await _write(session, _held(operation_id, fence), **changes)


async def wait(
    session: AsyncSession,
    operation_id: UUID,
    fence: int,
    delay: timedelta,
    *,
    state: OperationState = OperationState.WAITING,
    **changes: Any,
) -> Operation | None:
    """Let go of it until `delay` has passed; enqueue its next job in the same transaction."""
    return await _move(
        session,
        _held(operation_id, fence),
        state=state,
        run_at=_NOW + delay,
        lease_until=None,
        **changes,
    )


async def settle(
    session: AsyncSession,
    operation_id: UUID,
    fence: int,
    state: OperationState,
    *,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Operation | None:
    """End it, SUCCEEDED or FAILED; this gives up the lock on its subject."""
    return await _move(
        session,
        _held(operation_id, fence),
        state=state,
        result=None if result is None else dict(result),
        error=None if error is None else dict(error),
        lease_until=None,
        finished_at=_NOW,
        **changes,
    )


async def attention(
    session: AsyncSession, operation_id: UUID, fence: int, *, last_error: str, **changes: Any
) -> Operation | None:
    """Give it to people: ATTENTION keeps the lock on its subject. Open an incident with it."""
    return await _move(
        session,
        _held(operation_id, fence),
        state=OperationState.ATTENTION,
        last_error=last_error,
        lease_until=None,
        **changes,
    )


async def amend(
    session: AsyncSession, operation_id: UUID, request: Mapping[str, Any]
) -> Operation | None:
    """Add to what is asked of a live operation; whoever carries it reads it at the end again."""
    merged = _C.request.op("||")(literal(dict(request), _C.request.type))
    return await _write(session, (_C.id == operation_id, _LIVE), request=merged)


async def hurry(session: AsyncSession, operation_id: UUID) -> Operation | None:
    """Make a waiting operation due now; None when somebody has it in hand."""
    return await _write(session, (_C.id == operation_id, _OPEN, _UNLEASED), run_at=_NOW)


async def revive(session: AsyncSession, operation_id: UUID, **changes: Any) -> Operation | None:
    """ATTENTION → QUEUED with its attempts forgotten; None when it is in another state."""
    return await _decide(
        session, operation_id, state=OperationState.QUEUED, attempt=0, run_at=_NOW, **changes
    )


async def give_up(
    session: AsyncSession, operation_id: UUID, state: OperationState, **changes: Any
) -> Operation | None:
    """ATTENTION → SUCCEEDED or FAILED, as a person found; None when it is in another state."""
    return await _decide(session, operation_id, state=state, finished_at=_NOW, **changes)


async def _decide(session: AsyncSession, operation_id: UUID, **values: Any) -> Operation | None:
    """A person's decision raises the fence: a worker that comes back late writes nothing."""
    where = (_C.id == operation_id, _C.state == OperationState.ATTENTION)
    return await _move(session, where, fence=_C.fence + 1, **values)


def _held(operation_id: UUID, fence: int) -> tuple[ColumnElement[bool], ...]:
    return (_C.id == operation_id, _C.fence == fence, _OPEN)


async def _write(
    session: AsyncSession, where: tuple[ColumnElement[bool], ...], **values: Any
) -> Operation | None:
    statement = update(table_of(Operation)).where(*where).values(updated_at=_NOW, **values)
    return row_as(Operation, await session.execute(statement.returning(*_C)))


async def _move(
    session: AsyncSession, where: tuple[ColumnElement[bool], ...], **values: Any
) -> Operation | None:
    moved = await _write(session, where, sequence=_C.sequence + 1, **values)
    if moved is not None:
        await _announce(session, moved)
    return moved


async def _announce(session: AsyncSession, operation: Operation) -> None:
    """The event of a new state; the stream's number and the row's `sequence` stay equal."""
    stream = events.of_operation(operation.id)
    await events.append(
        session, stream, operation.state.value, _told(operation), operation.customer_id
    )


def _told(operation: Operation) -> dict[str, Any]:
    """What an event says of an operation."""
    return {
        "kind": operation.kind.value,
        "state": operation.state.value,
        "attempt": operation.attempt,
        "subject": operation.subject,
        "error": operation.error,
    }
