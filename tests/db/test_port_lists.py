"""Many numbers of a port project at once."""

import time
from collections.abc import Sequence
from typing import Any

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
        await port_numbers.judge_all(session, project.id, {})
        row = make.port_number(project, ONE, notes="late")
        await push_and_submit(database, session, project)
        assert (await port_numbers.upsert_all(session, [row])).conflicts == {ONE}
    assert (await rows_of(database, project))[ONE].notes is None


async def push_and_submit(database: Database, session: Any, project: PortProject) -> None:
    """All numbers of a project, as if they were valid and submitted."""
    del database
    ids = {r.id: r.version for r in await port_numbers.of_project(session, project.id)}
    await port_numbers.pushed(session, ids)
    await port_numbers.move_all(session, project.id, [N.VALIDATING], N.VALID)
    await port_numbers.move_all(session, project.id, [N.VALID], N.SUBMITTED)


async def test_ten_thousand_numbers_take_about_a_second(database: Database) -> None:
    project = await project_with(database)
    rows: Sequence[PortNumber] = [
        make.port_number(
            project,
            f"+1303555{number:04}",
            row=number,
            btn=ONE,
            losing_carrier="Acme",
            pin_sealed=b"x" * 100,
        )
        for number in range(10_000)
    ]
    for expected in ((10_000, 0), (0, 10_000)):
        begun = time.perf_counter()
        async with database.write(A) as session:
            result = await port_numbers.upsert_all(session, rows)
        print("upsert", time.perf_counter() - begun)
        assert (result.inserted, result.replaced) == expected
    begun = time.perf_counter()
    await push(database, project)
    print("push", time.perf_counter() - begun)
    begun = time.perf_counter()
    async with database.write(A) as session:
        await port_numbers.judge_all(
            session,
            project.id,
            {row.number: (N.INVALID, [{"code": "X", "fixable": True}]) for row in rows},
        )
    print("judge", time.perf_counter() - begun)
    begun = time.perf_counter()
    async with database.read(A) as conn:
        print(await port_numbers.error_groups(conn, [project.id]))
        print(await port_projects.counts_of(conn, [project.id]))
    print("count", time.perf_counter() - begun)
    begun = time.perf_counter()
    async with database.write(A) as session:
        all_rows = await port_numbers.of_project(session, project.id)
        changed = await port_numbers.change_all(
            session, {row.id: {"losing_carrier": "Bell", "btn": None} for row in all_rows}
        )
        assert len(changed) == 10_000
    print("change", time.perf_counter() - begun)
