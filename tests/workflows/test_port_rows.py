"""Editing, fixing, removing and checking the numbers of a port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from db import port_numbers
from db.ids import new_id
from db.tables import PortNumber
from numbering.port_codes import PortErrorCode
from tests.workflows.port_asks import NOBODY, change, fix, remove, revalidate
from tests.workflows.port_rig import PortRig, csv_of, number, refused
from tests.workflows.rig import ALICE, keys
from workflows import porting
from workflows.port_commands import NumberChange, UpdatePortNumbers


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────
async def test_only_touched_rows_are_checked_again(ports: PortRig) -> None:
    project_id = await ports.project(1441, 1442)
    await ports.checked(project_id)
    first, second = await ports.numbers(project_id)
    accepted = await change(
        ports, project_id, first["id"], btn="(303) 482-9100", losing_spid="6529", notes="desk"
    )
    assert accepted.refusals == ()
    one, two = await ports.numbers(project_id)
    assert (one["state"], one["version"], one["btn"]) == ("PENDING", 2, "+13034829100")
    assert (two["state"], two["version"]) == ("VALID", second["version"])
    assert await ports.checked(project_id) == "VALIDATED"
    before = ports.sent("/upload")
    accepted = await change(ports, project_id, first["id"], notes="desk")
    assert accepted.operation_ids == ()
    await ports.rig.settle_due()
    assert ports.sent("/upload") == before


MANY = 2_000

BAD_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "btn": ({"btn": "12"}, "btn"),
    "spid": ({"losing_spid": "toolong1"}, "losingSpid"),
    "carrier": ({"losing_carrier": "x" * 101}, "losingCarrier"),
    "pin": ({"pin": "12345678901"}, "pin"),
}


@pytest.mark.parametrize("case", BAD_FIELDS)
async def test_one_bad_field_refuses_all(ports: PortRig, case: str) -> None:
    changes, path = BAD_FIELDS[case]
    project_id = await ports.project(1443)
    (row,) = await ports.numbers(project_id)
    accepted = await change(ports, project_id, row["id"], **changes)
    assert refused(accepted) == [("INVALID", ("changes", "0", path))]


async def test_rows_of_others_are_not_found(ports: PortRig) -> None:
    other = await ports.project(1444)
    (theirs,) = await ports.numbers(other)
    project_id = await ports.project(1445)
    for accepted, name in (
        (await change(ports, project_id, theirs["id"], notes="x"), "changes"),
        (await remove(ports, project_id, theirs["id"]), "portNumberIds"),
        (await revalidate(ports, project_id, theirs["id"]), "portNumberIds"),
        ((await fix(ports, project_id, port_number_ids=(NOBODY,))).accepted, "portNumberIds"),
    ):
        assert refused(accepted) == [("NOT_FOUND", (name, "0"))]


async def test_stored_only(ports: PortRig) -> None:
    """`revalidate: false` tells the carrier nothing until a check is wanted."""
    project_id = await ports.project(1446)
    await ports.checked(project_id)
    (row,) = await ports.numbers(project_id)
    before = ports.sent("/upload")
    accepted = await change(ports, project_id, row["id"], check=False, btn=None, losing_spid=None)
    assert accepted.refusals == ()
    await ports.rig.quiet(horizon=60)
    assert (await ports.row(project_id))["status"] == "NEEDS_FIXES"
    assert ports.sent("/upload") == before
    assert (await change(ports, project_id, row["id"], check=False, notes="n")).refusals == ()
    assert (await revalidate(ports, project_id)).refusals == ()
    assert await ports.checked(project_id) == "VALIDATED"
    assert ports.sent("/upload") == before + 1
    accepted = await revalidate(ports, project_id)
    assert accepted.operation_ids == ()
    assert (await revalidate(ports, project_id, row["id"])).refusals == ()
    assert await ports.checked(project_id) == "VALIDATED"


async def test_fixes_are_shown_then_applied(ports: PortRig) -> None:
    project_id = await ports.project(9101, 9103, 9102)
    assert await ports.checked(project_id) == "NEEDS_FIXES"
    shown = await fix(ports, project_id, dry_run=True)
    assert shown.accepted.port_project_id == project_id
    assert {change.field for change in shown.changes} >= {"btn", "losingCarrier"}
    assert await ports.states(project_id) == ["INVALID"] * 3
    only = await fix(ports, project_id, codes=(PortErrorCode.BTN_MISMATCH,), dry_run=True)
    assert {change.field for change in only.changes} == {"btn"}
    rows = {row["number"][-4:]: row["id"] for row in await ports.numbers(project_id)}
    none = await fix(ports, project_id, port_number_ids=(rows["9102"],))
    assert (none.accepted.refusals, none.changes) == ((), ())
    done = await fix(ports, project_id)
    assert done.changes == shown.changes
    await ports.rig.settle_due()
    await ports.checked(project_id)
    states = {row["number"][-4:]: row["state"] for row in await ports.numbers(project_id)}
    assert (states["9101"], states["9103"], states["9102"]) == ("VALID", "VALID", "INVALID")
    assert (await remove(ports, project_id, rows["9102"], reason="not in use")).refusals == ()
    await ports.rig.settle_due()
    row = await ports.row(project_id)
    assert row["status"] == "VALIDATED"
    assert len(ports.rig.sandbox.port(row["carrier_id"])["rows"]) == 2


async def test_removals_decide_the_status(ports: PortRig) -> None:
    project_id = await ports.project(9101, 9102)
    await ports.checked(project_id)
    first, second = await ports.numbers(project_id)
    assert (await remove(ports, project_id, first["id"])).refusals == ()
    assert (await ports.row(project_id))["status"] == "NEEDS_FIXES"
    assert (await remove(ports, project_id, second["id"])).refusals == ()
    assert (await ports.row(project_id))["status"] == "DRAFT"
    await ports.upload(project_id, csv_of(1448, 1449))
    rows = await ports.numbers(project_id)
    assert (await remove(ports, project_id, rows[0]["id"])).refusals == ()
    assert (await ports.row(project_id))["status"] == "VALIDATING"
    await ports.rig.settle_due()
    assert await ports.checked(project_id) == "VALIDATED"


async def test_many_edits_cost_a_few_statements(ports: PortRig) -> None:
    """The rows and the audit trail are written as lists, and its numbers have no gaps."""
    project_id = await ports.project()
    rows = [port_number(project_id, line) for line in range(MANY)]
    async with ports.rig.services.database.write(ALICE.scope) as session:
        await port_numbers.upsert_all(session, rows)
    changes = tuple(
        NumberChange(port_number_id=row.id, changes={"btn": number(9100)}) for row in rows
    )
    command = UpdatePortNumbers(
        project_id=project_id, changes=changes, revalidate=False, idempotency_key=next(keys)
    )
    said: list[str] = []
    with listening(said):
        accepted = await porting.change_numbers(ports.rig.services, ALICE, command)
    assert accepted.refusals == ()
    assert len(said) < 30
    found = await ports.rig.owner.fetchrow(
        "SELECT count(*) AS made, max(seq) - min(seq) + 1 AS span FROM ops.audit"
        " WHERE action = 'PORT_FIX' AND number IS NOT NULL"
    )
    assert tuple(found or ()) == (MANY, MANY)


def port_number(project_id: UUID, line: int) -> PortNumber:
    """A row as a file would make it."""
    return PortNumber(
        id=new_id(), project_id=project_id, customer_id=ALICE.customer_id, number=number(line)
    )


@contextmanager
def listening(said: list[str]) -> Iterator[None]:
    """Collect all statements of this process."""

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)
