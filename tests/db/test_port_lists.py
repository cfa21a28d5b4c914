"""Many numbers of a port project at once."""

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from db import port_numbers, port_projects, seed
from db.engine import Database
from db.tables import PortNumber, PortProject
from numbering.actors import Scope
from numbering.porting import PortNumberState
from tests.db import make

A, B = Scope.customer(seed.CUSTOMER_A), Scope.customer(seed.CUSTOMER_B)
STAFF, WORKER = Scope.staff(), Scope.worker()
ONE, TWO, THREE = "+13035550201", "+13035550202", "+13035550203"
N = PortNumberState


async def project_with(
    database: Database, *numbers: str, scope: Scope = A, **values: Any
) -> PortProject:
    """A project with these numbers."""
    project = make.port_project(customer_id=scope.customer_id, **values)
    async with database.write(scope) as session:
        await port_projects.insert(session, project)
        rows = [make.port_number(project, number) for number in numbers]
        await port_numbers.upsert_all(session, rows)
    return project


async def rows_of(database: Database, project: PortProject) -> dict[str, PortNumber]:
    """The project's numbers."""
    async with database.read(STAFF) as conn:
        return {row.number: row for row in await port_numbers.of_project(conn, project.id)}


async def push(database: Database, project: PortProject, *numbers: str) -> None:
    """The carrier has been told of these as they are, or of all."""
    rows = await rows_of(database, project)
    async with database.write(STAFF) as session:
        versions = {r.id: r.version for r in rows.values() if r.number in (numbers or rows)}
        await port_numbers.pushed(session, versions)


async def submit(session: AsyncSession, project: PortProject) -> None:
    """All numbers of a project, as if they were told, valid and submitted."""
    rows = await port_numbers.of_project(session, project.id)
    await port_numbers.pushed(session, {row.id: row.version for row in rows})
    for source, target in ((N.VALIDATING, N.VALID), (N.VALID, N.SUBMITTED)):
        await port_numbers.move_all(session, project.id, [source], target)


async def test_a_list_is_written_and_written_again(database: Database) -> None:
    project = await project_with(database, TWO, ONE)
    first = await rows_of(database, project)
    assert list(first) == [ONE, TWO]
    assert {row.state for row in first.values()} == {N.PENDING}
    await push(database, project)
    async with database.write(A) as session:
        await port_numbers.judge_all(
            session, project.id, {ONE: (N.INVALID, [{"code": "BTN_MISMATCH"}])}
        )
    rows = [
        make.port_number(
            project,
            ONE,
            losing_carrier="Acme",
            losing_spid="1234",
            btn=TWO,
            account_number_sealed=b"a",
            account_number_mask="••••7",
            pin_sealed=b"p",
            notes="n",
            row=7,
        ),
        make.port_number(project, THREE),
    ]
    async with database.write(A) as session:
        result = await port_numbers.upsert_all(session, rows)
    assert result == port_numbers.UpsertResult(inserted=1, replaced=1, conflicts=frozenset())
    again = await rows_of(database, project)
    assert again[TWO] == (await rows_of(database, project))[TWO]
    changed = again[ONE]
    assert changed.id == first[ONE].id
    assert (changed.version, changed.pushed_version) == (2, 1)
    assert (changed.state, changed.errors) == (N.PENDING, [])
    assert (changed.losing_carrier, changed.losing_spid, changed.btn) == ("Acme", "1234", TWO)
    assert (changed.account_number_sealed, changed.pin_sealed) == (b"a", b"p")
    assert (changed.account_number_mask, changed.notes, changed.row) == ("••••7", "n", 7)


async def test_an_empty_list_writes_nothing(database: Database) -> None:
    async with database.write(A) as session:
        assert await port_numbers.upsert_all(session, []) == port_numbers.UpsertResult(
            0, 0, frozenset()
        )
        assert await port_numbers.change_all(session, {}) == []


async def test_a_number_is_in_one_open_project_of_a_customer(database: Database) -> None:
    project = await project_with(database, ONE)
    other = make.port_project()
    async with database.write(A) as session:
        await port_projects.insert(session, other)
        rows = [make.port_number(other, number) for number in (ONE, TWO)]
        result = await port_numbers.upsert_all(session, rows)
    assert result == port_numbers.UpsertResult(1, 0, frozenset({ONE}))
    assert list(await rows_of(database, project)) == [ONE]
    assert list(await rows_of(database, other)) == [TWO]
    # Another customer's draft is none of our business.
    theirs = await project_with(database, ONE, scope=B)
    assert list(await rows_of(database, theirs)) == [ONE]


async def test_a_submitted_number_is_not_replaced(database: Database) -> None:
    project = await project_with(database, ONE)
    async with database.write(A) as session:
        row = make.port_number(project, ONE, notes="late")
        await submit(session, project)
        assert (await port_numbers.upsert_all(session, [row])).conflicts == {ONE}
    assert (await rows_of(database, project))[ONE].notes is None


async def test_a_number_that_was_taken_out_comes_back_as_another_row(database: Database) -> None:
    project = await project_with(database, ONE, TWO)
    await push(database, project)
    first = await rows_of(database, project)
    async with database.write(A) as session:
        await port_numbers.remove(session, project.id, [row.id for row in first.values()])
        result = await port_numbers.upsert_all(session, [make.port_number(project, ONE)])
    assert (result.inserted, result.replaced) == (1, 0)
    async with database.read(A) as conn:
        waiting = await port_numbers.unpushed(conn, project.id)
        # ONE is told as a number; only TWO still has to be removed there.
        assert [(row.number, row.removed_at is None) for row in waiting] == [
            (ONE, True),
            (TWO, False),
        ]
    assert (await rows_of(database, project))[ONE].id != first[ONE].id


async def test_what_was_edited_since_is_pushed_again(database: Database) -> None:
    project = await project_with(database, ONE, TWO)
    sent = {row.id: row.version for row in (await rows_of(database, project)).values()}
    edited = (await rows_of(database, project))[ONE]
    async with database.write(A) as session:
        await port_numbers.change(session, edited.id, losing_carrier="Acme")
        await port_numbers.pushed(session, sent)
    rows = await rows_of(database, project)
    assert (rows[ONE].state, rows[ONE].version, rows[ONE].pushed_version) == (N.PENDING, 2, 1)
    assert (rows[TWO].state, rows[TWO].version, rows[TWO].pushed_version) == (N.VALIDATING, 1, 1)
    async with database.write(A) as session:
        assert [r.number for r in await port_numbers.unpushed(session, project.id)] == [ONE]
        bad = (N.INVALID, [{"code": "WRONG_CARRIER"}])
        judged = await port_numbers.judge_all(session, project.id, {ONE: bad, TWO: bad})
    assert judged == {TWO}
    rows = await rows_of(database, project)
    assert (rows[ONE].state, rows[ONE].errors) == (N.PENDING, [])
    assert (rows[TWO].state, rows[TWO].errors) == bad


async def test_what_was_removed_while_it_was_told_is_removed_there(database: Database) -> None:
    project = await project_with(database, ONE, TWO, THREE)
    rows = await rows_of(database, project)
    sent = {row.id: row.version for row in rows.values() if row.number != THREE}
    async with database.write(A) as session:
        gone = await port_numbers.remove(session, project.id, [row.id for row in rows.values()])
        # The carrier was told of none of them, as far as anybody knows.
        assert {row.removal_pushed for row in gone} == {True}
        await port_numbers.upsert_all(session, [make.port_number(project, TWO)])
        await port_numbers.pushed(session, sent)
        waiting = await port_numbers.unpushed(session, project.id)
        assert [(row.number, row.removed_at is None) for row in waiting] == [
            (ONE, False),
            (TWO, True),
        ]
        assert {row.state for row in waiting} == {N.PENDING}
        await port_numbers.removal_pushed(session, [waiting[0].id])
        assert [r.number for r in await port_numbers.unpushed(session, project.id)] == [TWO]


async def test_the_same_verdict_changes_nothing(database: Database) -> None:
    project = await project_with(database, ONE, TWO)
    await push(database, project)
    verdicts = {
        ONE: (N.INVALID, [{"code": "PIN_REQUIRED"}]),
        TWO: (N.VALID, []),
        THREE: (N.VALID, []),
    }
    async with database.write(A) as session:
        assert await port_numbers.judge_all(session, project.id, verdicts) == {ONE, TWO}
        assert await port_numbers.judge_all(session, project.id, verdicts) == frozenset()
        other = {ONE: (N.INVALID, [{"code": "PIN_INVALID"}])}
        assert await port_numbers.judge_all(session, project.id, other) == {ONE}


async def test_a_verdict_that_cannot_follow_is_left_alone(database: Database) -> None:
    project = await project_with(database, ONE)
    async with database.write(A) as session:
        await submit(session, project)
        assert await port_numbers.judge_all(session, project.id, {ONE: (N.VALID, [])}) == set()
        rejected = {ONE: (N.REJECTED, [{"code": "NAME_MISMATCH"}])}
        assert await port_numbers.judge_all(session, project.id, rejected) == {ONE}


async def test_many_numbers_are_changed_each_in_its_way(database: Database) -> None:
    project = await project_with(database, ONE, TWO, THREE)
    await push(database, project)
    rows = await rows_of(database, project)
    changes: dict[Any, dict[str, Any]] = {
        rows[ONE].id: {"losing_carrier": "Acme", "losing_spid": "1234"},
        rows[TWO].id: {"losing_carrier": "Bell", "losing_spid": None},
        rows[THREE].id: {"pin_sealed": b"\x00sealed", "account_number_mask": "••7"},
        make.stranger(): {"notes": "nobody"},
    }
    async with database.write(A) as session:
        await port_numbers.judge_all(session, project.id, {ONE: (N.INVALID, [{"code": "X"}])})
        changed = await port_numbers.change_all(session, changes)
    assert {row.number for row in changed} == {ONE, TWO, THREE}
    after = await rows_of(database, project)
    assert {(row.version, row.pushed_version, row.state) for row in after.values()} == {
        (2, 1, N.PENDING)
    }
    assert (after[ONE].losing_carrier, after[ONE].losing_spid, after[ONE].errors) == (
        "Acme",
        "1234",
        [],
    )
    assert (after[TWO].losing_carrier, after[TWO].losing_spid) == ("Bell", None)
    assert (after[THREE].pin_sealed, after[THREE].account_number_mask) == (b"\x00sealed", "••7")
    async with database.write(A) as session:
        await submit(session, project)
        assert await port_numbers.change_all(session, changes) == []


async def test_two_lists_at_once_take_turns(database: Database) -> None:
    projects = [await project_with(database), await project_with(database)]
    numbers = [f"+1303555{number:04}" for number in range(200)]

    async def write(project: PortProject, order: int) -> port_numbers.UpsertResult:
        rows = [make.port_number(project, number) for number in numbers[::order]]
        async with database.write(A) as session:
            return await port_numbers.upsert_all(session, rows)

    results = await asyncio.gather(write(projects[0], 1), write(projects[1], -1))
    assert sorted(result.inserted for result in results) == [0, 200]
    assert sorted(len(result.conflicts) for result in results) == [0, 200]


@pytest.mark.parametrize("step", ["insert", "replace", "change", "judge"])
async def test_ten_thousand_numbers_take_about_a_second(database: Database, step: str) -> None:
    project = await project_with(database)
    numbers = [f"+1303555{number:04}" for number in range(10_000)]
    rows = [make.port_number(project, number, pin_sealed=b"x" * 100) for number in numbers]
    if step != "insert":
        async with database.write(A) as session:
            await port_numbers.upsert_all(session, rows)
            await port_numbers.pushed(session, {row.id: 1 for row in rows})
    async with database.write(A) as session, Statements(session) as said:
        begun = time.process_time()
        if step in {"insert", "replace"}:
            result = await port_numbers.upsert_all(session, rows)
            assert result.inserted + result.replaced == len(rows)
        elif step == "change":
            btn = {row.id: {"btn": ONE, "losing_carrier": "Acme"} for row in rows}
            assert len(await port_numbers.change_all(session, btn)) == len(rows)
        else:
            bad = (N.INVALID, [{"code": "BTN_MISMATCH", "fixable": True}])
            verdicts = dict.fromkeys(numbers, bad)
            assert await port_numbers.judge_all(session, project.id, verdicts) == set(numbers)
        # Our own share; the server's is as much again, measured on a machine with nothing to do.
        assert time.process_time() - begun < 2
    assert 0 < said.count <= 2


class Statements:
    """Counts the statements of a session."""

    def __init__(self, session: AsyncSession) -> None:
        self._engine = session.get_bind()
        self.count = 0

    async def __aenter__(self) -> "Statements":
        event.listen(self._engine, "before_cursor_execute", self._one)
        return self

    async def __aexit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._one)

    def _one(self, *_: object) -> None:
        self.count += 1
