"""Port projects: pages, moves of state, submissions, and what the sweeper finds."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest

from db import errors, operations, port_numbers, port_projects, seed
from db.engine import Database
from db.port_projects import PortCounts, PortFilter
from db.tables import PortProject
from numbering.actors import Scope
from numbering.lifecycle import IllegalMove, OperationKind, OperationState
from numbering.porting import PortNumberState, PortStatus, StallKind
from tests.db import make

A, B = Scope.customer(seed.CUSTOMER_A), Scope.customer(seed.CUSTOMER_B)
STAFF, WORKER = Scope.staff(), Scope.worker()
P, N = PortStatus, PortNumberState
ONE, TWO = "+13035550201", "+13035550202"
Shift = Callable[[float], Awaitable[None]]


async def keep(database: Database, scope: Scope = A, **values: Any) -> PortProject:
    """A project of a customer."""
    project = make.port_project(customer_id=scope.customer_id, **values)
    async with database.write(scope) as session:
        return await port_projects.insert(session, project)


async def test_a_new_project_is_a_draft_that_the_carrier_knows_nothing_of(
    database: Database,
) -> None:
    kept = await keep(database, description="ours")
    assert (kept.status, kept.attempt, kept.carrier_id) == (P.DRAFT, 1, None)
    assert (kept.version, kept.pushed_version, kept.sequence) == (1, 0, 0)
    async with database.read(A) as conn:
        assert await port_projects.by_ids(conn, [kept.id, make.stranger()]) == {kept.id: kept}
        assert await port_projects.by_carrier_id(conn, "unknown") is None
    async with database.read(B) as conn:
        assert await port_projects.by_ids(conn, [kept.id]) == {}


async def test_projects_are_listed_newest_first(database: Database, shift_clock: Shift) -> None:
    made = []
    for status in (P.DRAFT, P.VALIDATED, P.COMPLETE):
        made.append(await keep(database, status=status))
        await shift_clock(1)
    theirs = await keep(database, B)
    newest = [project.id for project in reversed(made)]
    async with database.read(A) as conn:
        every = PortFilter()
        found = await port_projects.page(conn, every, limit=2)
        assert [project.id for project in found] == newest[:2]
        after = port_projects.key_of(found[-1], every)
        rest = await port_projects.page(conn, every, after=after)
        assert [project.id for project in rest] == newest[2:]
        assert await port_projects.count(conn, every) == 3
        some = PortFilter(statuses=(P.DRAFT, P.COMPLETE))
        assert [p.status for p in await port_projects.page(conn, some)] == [P.COMPLETE, P.DRAFT]
        assert await port_projects.count(conn, PortFilter(customer_id=seed.CUSTOMER_B)) == 0
    async with database.read(STAFF) as conn:
        assert await port_projects.count(conn, PortFilter()) == 4
        found = await port_projects.page(conn, PortFilter(customer_id=seed.CUSTOMER_B))
        assert [project.id for project in found] == [theirs.id]


async def test_stalled_projects_are_listed_by_how_long_they_are(database: Database) -> None:
    moments = [datetime(2026, 11, day, tzinfo=UTC) for day in (3, 1, 2)]
    made = [
        await keep(database, stall_kind=StallKind.NO_FOC, stall_since=moment) for moment in moments
    ]
    well = await keep(database)
    async with database.read(STAFF) as conn:
        stalled = PortFilter(stalled=True)
        first = await port_projects.page(conn, stalled, limit=1)
        assert [project.id for project in first] == [made[1].id]
        after = port_projects.key_of(first[0], stalled)
        rest = await port_projects.page(conn, stalled, after=after)
        assert [project.id for project in rest] == [made[2].id, made[0].id]
        found = await port_projects.page(conn, PortFilter(stalled=False))
        assert [project.id for project in found] == [well.id]


async def test_a_project_is_changed_and_found_by_the_carriers_id(
    database: Database, shift_clock: Shift
) -> None:
    kept = await keep(database)
    await shift_clock(60)
    async with database.write(A) as session:
        assert await port_projects.locked(session, kept.id) == kept
        assert await port_projects.locked(session, make.stranger()) is None
        wanted = {"kind": "SUBMIT", "foc_date": "2026-12-01"}
        changed = await port_projects.change(session, kept.id, carrier_id="pp-1", wanted=wanted)
        assert changed is not None
        assert changed.wanted == wanted
        assert changed.updated_at > kept.updated_at
        assert await port_projects.change(session, make.stranger(), name="x") is None
    async with database.read(WORKER) as conn:
        assert await port_projects.by_carrier_id(conn, "pp-1") is None
    async with database.read(STAFF) as conn:
        assert await port_projects.by_carrier_id(conn, "pp-1") == changed
    with pytest.raises(errors.UniqueViolated):
        await keep(database, carrier_id="pp-1")


async def test_a_project_moves_as_the_table_says(database: Database, shift_clock: Shift) -> None:
    kept = await keep(database)
    await shift_clock(60)
    async with database.write(A) as session:
        moved = await port_projects.move(session, kept, P.VALIDATING, stale=True)
        assert (moved.status, moved.stale) == (P.VALIDATING, True)
        assert moved.status_since > kept.status_since
        same = await port_projects.move(session, moved, P.VALIDATING, stale=False)
        assert (same.status_since, same.stale) == (moved.status_since, False)
        with pytest.raises(IllegalMove):
            await port_projects.move(session, moved, P.COMPLETE)
        with pytest.raises(errors.SerializationConflict):
            await port_projects.move(session, kept, P.CANCELLED)


async def test_submissions_are_told_apart_by_their_lsr(database: Database) -> None:
    kept = await keep(database)
    day = date(2026, 12, 1)
    async with database.write(A) as session:
        first = await port_projects.begin_attempt(session, kept, lsr_id=None, foc_date=None)
        again = await port_projects.begin_attempt(session, kept, lsr_id="L1", foc_date=day)
        assert (first.attempt, again.lsr_id, again.foc_date) == (1, "L1", day)
        assert again.submitted_at == first.submitted_at
        rejection = {"code": "ACCOUNT_NUMBER_MISMATCH"}
        ended = await port_projects.end_attempt(session, kept.id, 1, P.REJECTED, rejection)
        assert ended is not None
        assert (ended.ended_as, ended.rejection) == (P.REJECTED, rejection)
        assert await port_projects.end_attempt(session, kept.id, 1, P.COMPLETE) is None
        second = await port_projects.change(session, kept.id, attempt=2)
        assert second is not None
        await port_projects.begin_attempt(session, second, lsr_id="L2", foc_date=day)
        done = await port_projects.end_attempt(session, kept.id, 2, P.COMPLETE)
        assert done is not None
        assert (done.ended_as, done.rejection) == (P.COMPLETE, None)
    async with database.read(A) as conn:
        attempts = await port_projects.attempts_of(conn, [kept.id, make.stranger()])
        assert [attempt.lsr_id for attempt in attempts[kept.id]] == ["L1", "L2"]
        found = await port_projects.attempt_by_lsr(conn, kept.id, "L1")
        assert found is not None
        assert found.attempt == 1
        assert await port_projects.attempt_by_lsr(conn, kept.id, "L3") is None


async def operate(
    database: Database, project: PortProject, group: str, state: OperationState
) -> None:
    """An operation on a project."""
    async with database.write(A) as session:
        operation = make.operation(
            str(project.id), kind=OperationKind.PORT_POLL, kind_group=group, state=state
        )
        await operations.insert(session, operation)


DONE: dict[str, Any] = {"carrier_id": "pp-1", "pushed_version": 1}
UNFINISHED: dict[str, dict[str, Any]] = {
    "uncreated": {},
    "fields": {**DONE, "version": 2},
    "wanted": {**DONE, "wanted": {"kind": "SUBMIT"}},
    "cancelling": {**DONE, "status": P.CANCELLING},
}


@pytest.mark.parametrize("values", UNFINISHED.values(), ids=UNFINISHED)
async def test_what_the_carrier_was_not_told_is_unfinished(
    database: Database, worker_database: Database, values: dict[str, Any]
) -> None:
    kept = await keep(database, **values)

    async def found() -> list[Any]:
        async with worker_database.read(WORKER) as conn:
            return [project.id for project in await port_projects.unfinished(conn)]

    assert await found() == [kept.id]
    await operate(database, kept, operations.PORT, OperationState.SUCCEEDED)
    await operate(database, kept, operations.PORT_POLL, OperationState.WAITING)
    assert await found() == [kept.id]
    await operate(database, kept, operations.PORT, OperationState.ATTENTION)
    assert await found() == []


@pytest.mark.parametrize("status", [P.CANCELLED, P.COMPLETE])
async def test_what_is_over_is_finished(database: Database, status: PortStatus) -> None:
    kept = await keep(database, status=status)
    async with database.write(STAFF) as session:
        assert await port_projects.unfinished(session) == []
        assert await port_projects.unwatched(session) == []
        assert await port_projects.to_judge(session) == []
        assert kept.id in await port_projects.by_ids(session, [kept.id])


async def test_numbers_make_a_project_unfinished(database: Database) -> None:
    kept = await keep(database, **DONE, status=P.VALIDATING)
    async with database.write(A) as session:
        assert await port_projects.unfinished(session) == []
        rows = [make.port_number(kept, ONE), make.port_number(kept, TWO)]
        await port_numbers.upsert_all(session, rows)
        assert len(await port_projects.unfinished(session)) == 1
        await port_numbers.pushed(session, {row.id: 1 for row in rows})
        assert await port_projects.unfinished(session) == []
        await port_numbers.remove(session, kept.id, [rows[0].id])
        assert len(await port_projects.unfinished(session)) == 1
        await port_numbers.removal_pushed(session, [rows[0].id])
        assert await port_projects.unfinished(session) == []


@pytest.mark.parametrize("status", [P.DRAFT, P.NEEDS_FIXES, P.VALIDATED, P.REJECTED])
async def test_edits_that_are_only_stored_wait_for_a_check(
    database: Database, status: PortStatus
) -> None:
    """However many such projects there are, they do not come before those with work to do."""
    stored = await keep(database, **DONE, status=status)
    due = await keep(database, carrier_id="pp-2", version=2, pushed_version=1)
    async with database.write(A) as session:
        await port_numbers.upsert_all(session, [make.port_number(stored, ONE)])
        found = await port_projects.unfinished(session, limit=1)
        assert [project.id for project in found] == [due.id]


async def test_after_the_submission_there_is_nothing_to_be_told(database: Database) -> None:
    await keep(database, carrier_id="pp-1", version=2, pushed_version=1, status=P.SUBMITTED)
    async with database.write(A) as session:
        assert await port_projects.unfinished(session) == []


WATCHED = [P.VALIDATING, P.SUBMITTED, P.FOC_ASSIGNED, P.ACTIVATING, P.PARTIAL, P.CANCELLING]


async def test_projects_that_may_have_news_are_to_be_watched(
    database: Database, worker_database: Database, shift_clock: Shift
) -> None:
    made = []
    for status in (*WATCHED, P.DRAFT, P.VALIDATED, P.REJECTED):
        made.append(await keep(database, status=status))
        await shift_clock(1)
    await operate(database, made[0], operations.PORT_POLL, OperationState.WAITING)
    await operate(database, made[1], operations.PORT_POLL, OperationState.SUCCEEDED)
    async with worker_database.read(WORKER) as conn:
        found = await port_projects.unwatched(conn)
        assert [project.status for project in found] == WATCHED[1:]
        assert len(await port_projects.unwatched(conn, limit=2)) == 2


async def test_open_projects_are_judged_a_page_at_a_time(
    database: Database, owner: asyncpg.Connection
) -> None:
    made = [await keep(database) for _ in range(3)]
    await owner.execute(
        "UPDATE voice.port_projects SET status = 'COMPLETE' WHERE id = $1", made[1].id
    )
    async with database.read(STAFF) as conn:
        first = await port_projects.to_judge(conn, limit=1)
        assert [project.id for project in first] == [made[0].id]
        rest = await port_projects.to_judge(conn, first[0].id)
        assert [project.id for project in rest] == [made[2].id]


async def test_numbers_are_counted_by_state(database: Database, owner: asyncpg.Connection) -> None:
    kept, empty = await keep(database), await keep(database)
    states = [*PortNumberState, N.VALID, N.VALID]
    async with database.write(A) as session:
        rows = [make.port_number(kept, f"+1303555{n:04}") for n in range(len(states) + 1)]
        await port_numbers.upsert_all(session, rows)
        await port_numbers.pushed(session, {row.id: 1 for row in rows[1:]})
        await port_numbers.remove(session, kept.id, [rows[-1].id])
    for row, state in zip(rows, states, strict=False):
        await owner.execute(
            "UPDATE voice.port_numbers SET state = $1 WHERE id = $2", state.value, row.id
        )
    async with database.read(A) as conn:
        assert await port_projects.counts_of(conn, [kept.id, empty.id]) == {
            kept.id: PortCounts(
                total=11,
                pending=1,
                validating=1,
                valid=3,
                invalid=1,
                submitted=1,
                rejected=1,
                active=1,
                failed=1,
                cancelled=1,
                # One that was never told, and one removal.
                unpushed=2,
            ),
            empty.id: PortCounts(),
        }
    async with database.read(B) as conn:
        assert await port_projects.counts_of(conn, [kept.id]) == {kept.id: PortCounts()}
