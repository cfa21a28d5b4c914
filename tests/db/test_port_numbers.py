"""Single numbers of port projects: pages, edits, moves, who has submitted what."""

from datetime import UTC, datetime
from typing import Any

import pytest

from db import dids, errors, port_numbers, port_projects, seed
from db.engine import Database
from db.port_numbers import ErrorGroup
from db.tables import PortProject
from numbering.actors import Scope
from numbering.lifecycle import IllegalMove
from numbering.porting import PortNumberState
from tests.db import make

A, B = Scope.customer(seed.CUSTOMER_A), Scope.customer(seed.CUSTOMER_B)
STAFF, WORKER = Scope.staff(), Scope.worker()
ONE, TWO, THREE = "+13035550201", "+13035550202", "+13035550203"
N = PortNumberState
AT = datetime(2026, 12, 1, 19, tzinfo=UTC)


async def project_with(
    database: Database, *numbers: str, scope: Scope = A, **values: Any
) -> PortProject:
    """A project with these numbers."""
    project = make.port_project(customer_id=scope.customer_id)
    async with database.write(scope) as session:
        await port_projects.insert(session, project)
        rows = [make.port_number(project, number, **values) for number in numbers]
        await port_numbers.upsert_all(session, rows)
    return project


async def submit(database: Database, project: PortProject, scope: Scope = A) -> None:
    """All numbers of a project, as if they had been valid."""
    async with database.write(scope) as session:
        await port_numbers.move_all(session, project.id, [N.PENDING], N.VALID)
        await port_numbers.move_all(session, project.id, [N.VALID], N.SUBMITTED)


async def test_numbers_are_paged_in_their_order(database: Database) -> None:
    project = await project_with(database, THREE, ONE, TWO)
    async with database.read(A) as conn:
        first = await port_numbers.page(conn, project.id, limit=2)
        assert [row.number for row in first] == [ONE, TWO]
        after = (first[-1].number, first[-1].id)
        rest = await port_numbers.page(conn, project.id, after=after)
        assert [row.number for row in rest] == [THREE]
        assert await port_numbers.count(conn, project.id) == 3
        assert await port_numbers.count(conn, project.id, states=[N.VALID]) == 0
        assert await port_numbers.page(conn, project.id, states=[N.VALID, N.INVALID]) == []
        assert len(await port_numbers.of_project(conn, project.id, states=[N.PENDING])) == 3
        ids = [row.id for row in first]
        assert list(await port_numbers.by_ids(conn, ids)) == ids
    async with database.read(B) as conn:
        assert await port_numbers.page(conn, project.id) == []


async def test_what_was_taken_out_is_read_by_its_id_only(database: Database) -> None:
    project = await project_with(database, ONE, TWO)
    empty = await project_with(database)
    async with database.write(A) as session:
        one, two = await port_numbers.of_project(session, project.id)
        gone = await port_numbers.remove(session, project.id, [one.id])
        assert [row.number for row in gone] == [ONE]
        assert await port_numbers.remove(session, project.id, [one.id]) == []
        assert await port_numbers.remove(session, empty.id, [two.id]) == []
        assert await port_numbers.numbers_of(session, project.id) == [TWO]
        assert await port_numbers.numbers_of(session, empty.id) == []
        both = await port_numbers.numbers_of_all(session, [project.id, empty.id])
        assert both == {project.id: [TWO]}
        assert await port_numbers.count(session, project.id) == 1
        assert one.id in await port_numbers.by_ids(session, [one.id])
        assert await port_numbers.change(session, one.id, notes="late") is None


async def test_an_edit_of_the_carriers_fields_makes_them_out_of_date(database: Database) -> None:
    project = await project_with(database, ONE)
    async with database.write(A) as session:
        (row,) = await port_numbers.of_project(session, project.id)
        await port_numbers.pushed(session, {row.id: 1})
        bad = (N.INVALID, [{"code": "BTN_MISMATCH"}])
        await port_numbers.judge_all(session, project.id, {ONE: bad})
        ours = await port_numbers.change(session, row.id, row=12)
        assert ours is not None
        assert (ours.version, ours.state, ours.errors) == (1, *bad)
        theirs = await port_numbers.change(session, row.id, btn=TWO)
        assert theirs is not None
        assert (theirs.version, theirs.state, theirs.errors) == (2, N.PENDING, [])
        assert theirs.btn == TWO
        assert await port_numbers.change(session, make.stranger(), btn=TWO) is None
    await submit(database, project)
    async with database.write(A) as session:
        assert await port_numbers.change(session, row.id, btn=THREE) is None
        assert await port_numbers.change(session, row.id, row=13) is not None


async def test_the_foc_calendar_goes_by_numbers_and_carriers(database: Database) -> None:
    project = await project_with(database, ONE, TWO, losing_spid="1234")
    async with database.write(A) as session:
        rows = [make.port_number(project, THREE)]
        await port_numbers.upsert_all(session, rows)
        facts = await port_numbers.calendar_facts(session, project.id)
    assert facts == ([ONE, TWO, THREE], frozenset({"1234"}))


async def test_errors_are_grouped_and_sampled(database: Database) -> None:
    project, other = await project_with(database, ONE, TWO), await project_with(database, THREE)
    btn = {"code": "BTN_MISMATCH", "fixable": True}
    twice: list[dict[str, Any]] = [
        btn,
        {"code": "BTN_MISMATCH", "fixable": False},
        {"code": "PIN_REQUIRED"},
    ]
    async with database.write(A) as session:
        for one in (project, other):
            rows = await port_numbers.of_project(session, one.id)
            await port_numbers.pushed(session, {row.id: 1 for row in rows})
        await port_numbers.judge_all(
            session, project.id, {ONE: (N.INVALID, twice), TWO: (N.INVALID, [btn])}
        )
        groups = await port_numbers.error_groups(session, [project.id, other.id])
        assert groups == {
            project.id: [
                ErrorGroup("BTN_MISMATCH", 2, fixable=True),
                ErrorGroup("PIN_REQUIRED", 1, fixable=False),
            ]
        }
        keys = [(project.id, "BTN_MISMATCH"), (project.id, "PIN_REQUIRED"), (other.id, "X")]
        samples = await port_numbers.samples(session, keys, limit=1)
        assert {key: [row.number for row in rows] for key, rows in samples.items()} == {
            keys[0]: [ONE],
            keys[1]: [ONE],
        }
        assert samples[keys[0]][0].state is N.INVALID
        assert samples[keys[0]][0].errors == twice
        found = await port_numbers.with_error(session, project.id, "BTN_MISMATCH")
        assert [row.number for row in found] == [ONE, TWO]
        assert await port_numbers.with_error(session, project.id, "NONE") == []


async def test_open_projects_of_ones_own_are_known(database: Database) -> None:
    project = await project_with(database, ONE, TWO)
    await project_with(database, THREE, scope=B)
    asked = [ONE, TWO, THREE]
    async with database.write(A) as session:
        assert await port_numbers.in_open_projects(session, asked) == {ONE, TWO}
        own = await port_numbers.in_open_projects(session, asked, except_project=project.id)
        assert own == frozenset()
        await port_numbers.move_all(session, project.id, [N.PENDING], N.CANCELLED, [TWO])
        assert await port_numbers.in_open_projects(session, asked) == {ONE}
    async with database.read(STAFF) as conn:
        found = await port_numbers.in_open_projects(conn, asked, customer_id=seed.CUSTOMER_B)
        assert found == {THREE}


async def test_who_submits_first_has_the_number(database: Database) -> None:
    mine = await project_with(database, ONE, TWO)
    theirs = await project_with(database, ONE, scope=B)
    await submit(database, mine)
    async with database.read(A) as conn:
        assert await port_numbers.live_ports(conn, [ONE, THREE]) == {ONE: True}
    async with database.read(B) as conn:
        assert await port_numbers.live_ports(conn, [ONE, THREE]) == {ONE: False}
    with pytest.raises(errors.UniqueViolated) as caught:
        await submit(database, theirs, B)
    assert caught.value.constraint == "port_numbers_submitted"


async def test_who_asks_first_to_submit_has_the_number(database: Database) -> None:
    mine = await project_with(database, ONE, TWO)
    theirs = await project_with(database, ONE, scope=B)
    async with database.write(A) as session:
        await port_numbers.claim(session, mine.id)
        await port_numbers.claim(session, mine.id)
    async with database.read(B) as conn:
        assert await port_numbers.live_ports(conn, [ONE]) == {ONE: False}
    with pytest.raises(errors.SerializationConflict):
        async with database.write(B) as session:
            await port_numbers.claim(session, theirs.id)
    with pytest.raises(errors.UniqueViolated):
        await submit(database, theirs, B)
    async with database.write(A) as session:
        await port_numbers.release(session, mine.id)
    async with database.write(B) as session:
        await port_numbers.claim(session, theirs.id)


async def test_a_claim_ends_with_the_state(database: Database) -> None:
    """Submitted, then rejected: the number is free again."""
    mine = await project_with(database, ONE)
    async with database.write(A) as session:
        await port_numbers.claim(session, mine.id)
    await submit(database, mine)
    async with database.write(A) as session:
        await port_numbers.move_all(session, mine.id, [N.SUBMITTED], N.REJECTED)
    async with database.read(B) as conn:
        assert await port_numbers.live_ports(conn, [ONE]) == {}


async def test_numbers_move_as_the_table_says(database: Database) -> None:
    project = await project_with(database, ONE, TWO)
    async with database.write(A) as session:
        moved = await port_numbers.move_all(session, project.id, [N.PENDING], N.VALID, [TWO])
        assert [(row.number, row.state) for row in moved] == [(TWO, N.VALID)]
        assert await port_numbers.move_all(session, project.id, [N.INVALID], N.VALID) == []
        assert await port_numbers.move_all(session, project.id, [N.PENDING], N.VALID, []) == []
        with pytest.raises(IllegalMove):
            await port_numbers.move_all(session, project.id, [N.VALID, N.PENDING], N.ACTIVE)


async def test_a_number_is_activated_once(database: Database, worker_database: Database) -> None:
    project = await project_with(database, ONE, TWO)
    async with worker_database.write(WORKER) as session:
        did = await dids.insert(session, make.did(ONE, port_project_id=project.id))
        assert did is not None
        early = await port_numbers.activate(session, project.id, ONE, did.id, AT)
        assert early is None
        await port_numbers.move_all(session, project.id, [N.PENDING], N.VALID)
        await port_numbers.move_all(session, project.id, [N.VALID], N.SUBMITTED)
        active = await port_numbers.activate(session, project.id, ONE, did.id, AT)
        assert active is not None
        assert (active.state, active.did_id, active.activated_at) == (N.ACTIVE, did.id, AT)
        assert await port_numbers.activate(session, project.id, ONE, did.id, AT) is None
        # Late, but still: the carrier had said that it failed.
        await port_numbers.move_all(session, project.id, [N.SUBMITTED], N.FAILED)
        late = await port_numbers.activate(session, project.id, TWO, did.id, AT)
        assert late is not None
    async with database.read(A) as conn:
        assert await port_numbers.live_ports(conn, [ONE, TWO]) == {}
