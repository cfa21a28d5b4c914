"""What may be asked about port projects and their files, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import pytest

from db import seed
from numbering.refusals import FileRefused
from tests.workflows.port_asks import NOBODY, change, fix, remove, revalidate, update
from tests.workflows.port_rig import DAY, PortRig, codes, csv_of, refused
from tests.workflows.rig import ALICE, BOB, STAFF
from workflows import porting
from workflows.port_commands import (
    LintPortFile,
    NumberChange,
    UploadedFile,
)

# ── projects ─────────────────────────────────────────────────────────────────────────────────────
BAD_PROJECTS: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": " "}, "name"),
    "long name": ({"name": "x" * 121}, "name"),
    "long description": ({"description": "x" * 1001}, "description"),
    "control": ({"authorized_person": "a\u202eb"}, "authorizedPerson"),
}


@pytest.mark.parametrize("case", BAD_PROJECTS)
async def test_words_of_a_project(ports: PortRig, case: str) -> None:
    options, path = BAD_PROJECTS[case]
    accepted = await ports.create(**options)
    assert refused(accepted) == [("INVALID", (path,))]


async def test_a_wished_day_must_be_possible(ports: PortRig) -> None:
    saturday = await ports.earliest()
    while saturday.weekday() != 5:
        saturday += DAY
    for day in (saturday, await ports.today() - 7 * DAY, await ports.today() + 60 * DAY):
        accepted = await ports.create(requested_foc_date=day)
        assert refused(accepted) == [("FOC_DATE_NOT_ALLOWED", ("requestedFocDate",))]
    accepted = await ports.create(requested_foc_date=await ports.earliest())
    assert accepted.refusals == ()


async def test_staff_act_for_a_customer(ports: PortRig) -> None:
    accepted = await ports.create(STAFF, customer_id=seed.CUSTOMER_B)
    assert accepted.refusals == ()
    row = await ports.row(accepted.port_project_id)
    assert row["customer_id"] == seed.CUSTOMER_B
    accepted = await ports.create(STAFF, customer_id=NOBODY)
    assert refused(accepted) == [("NOT_FOUND", ("customerId",))]


async def test_changed_fields_are_told(ports: PortRig) -> None:
    project_id = await ports.project()
    accepted = await update(ports, project_id, name="Boulder", description=None)
    assert accepted.refusals == ()
    await ports.rig.settle_due()
    row = await ports.row(project_id)
    assert (row["version"], row["pushed_version"]) == (2, 2)
    assert ports.rig.sandbox.port(row["carrier_id"])["name"] == "Boulder"
    accepted = await update(ports, project_id, name="Boulder")
    assert accepted.operation_ids == ()
    day = await ports.today() - DAY
    accepted = await update(ports, project_id, requested_foc_date=day)
    assert refused(accepted) == [("FOC_DATE_NOT_ALLOWED", ("requestedFocDate",))]
    assert refused(await update(ports, project_id, BOB, name="Mine")) == [
        ("NOT_FOUND", ("projectId",))
    ]
    accepted = await update(ports, project_id, requested_foc_date=await ports.earliest())
    assert accepted.refusals == ()


async def test_a_submitted_project_is_not_edited(ports: PortRig) -> None:
    project_id = await ports.submitted(1401)
    (row,) = await ports.numbers(project_id)
    answers = [
        await update(ports, project_id, name="Other"),
        (await ports.upload(project_id, csv_of(1402))).accepted,
        await change(ports, project_id, row["id"], notes="x"),
        (await fix(ports, project_id)).accepted,
        await remove(ports, project_id, row["id"]),
        await revalidate(ports, project_id),
        await ports.submit(project_id),
        await ports.letter(project_id),
    ]
    for accepted in answers:
        assert refused(accepted) == [("WRONG_STATE", ("projectId",))]
        assert accepted.refusals[0].data()["state"] == "SUBMITTED"


# ── files ────────────────────────────────────────────────────────────────────────────────────────
async def test_a_file_once_for_each_key(ports: PortRig) -> None:
    project_id = await ports.project()
    first = await ports.upload(project_id, csv_of(1411, 1412), key="same")
    again = await ports.upload(project_id, csv_of(1411, 1412), key="same")
    assert again.accepted == first.accepted
    assert again.sheet is not None and first.sheet is not None  # noqa: PT018
    assert (again.sheet.valid, first.sheet.valid) == (2, 2)
    other = await ports.upload(project_id, csv_of(1413), key="same")
    assert refused(other.accepted) == [("IDEMPOTENCY_KEY_REUSED", ("idempotencyKey",))]
    assert other.sheet is None
    progress = await ports.rig.owner.fetchval(
        "SELECT count(*) FROM ops.event WHERE stream_id = $1", f"port-progress:{project_id}"
    )
    assert progress == 2  # created, and VALIDATING with the acceptance itself


async def test_bad_files(ports: PortRig) -> None:
    project_id = await ports.project()
    unread = await ports.upload(project_id, b"\x00\x01")
    assert refused(unread.accepted) == [("FILE_REFUSED", ("file",))]
    assert unread.sheet is None
    rows = b"telephone_number\nnonsense\n303\n"
    answer = await ports.upload(project_id, rows)
    assert refused(answer.accepted) == [("FILE_REFUSED", ("file",))]
    assert answer.sheet is not None
    assert (answer.sheet.total, answer.sheet.valid) == (2, 0)
    assert (await ports.row(project_id))["status"] == "DRAFT"
    large = ports.rig.services.port_limits.max_file_bytes + 1
    answer = await ports.upload(project_id, b"x" * large)
    assert refused(answer.accepted) == [("FILE_REFUSED", ("file",))]


async def test_what_is_known_of_a_file(ports: PortRig) -> None:
    await ports.project(1421)
    (mine,) = ports.rig.free()
    await ports.rig.owned(mine)
    project_id = await ports.project()
    content = csv_of(1421, 1422) + f"{mine.national},,,,,,\n".encode()
    answer = await ports.upload(project_id, content)
    assert answer.accepted.refusals == ()
    assert {"IN_OPEN_PROJECT", "ALREADY_OURS"} <= set(codes(answer.sheet))
    assert len(await ports.numbers(project_id)) == 1
    file = UploadedFile("C:\\tmp\\n.csv", content)
    sheet = await porting.lint(ports.rig.services, ALICE, LintPortFile(file=file))
    assert sheet.file_name == "n.csv"
    assert (sheet.valid, sheet.duplicate) == (0, 2)
    command = LintPortFile(file=file, customer_id=seed.CUSTOMER_B)
    sheet = await porting.lint(ports.rig.services, STAFF, command)
    assert (sheet.valid, sheet.duplicate) == (2, 0)
    with pytest.raises(FileRefused):
        await porting.lint(ports.rig.services, ALICE, LintPortFile(file=UploadedFile("x", b"")))


async def test_no_secret_is_written_down(ports: PortRig) -> None:
    project_id = await ports.project()
    account, pin = "ZX-5417329", "837465"
    await ports.upload(project_id, csv_of(1431, account=account, pin=pin))
    (row,) = await ports.numbers(project_id)
    accepted = await change(ports, project_id, row["id"], pin="918273", account_number="QQ1122334")
    assert accepted.refusals == ()
    await ports.rig.settle_due()
    tables = await ports.rig.owner.fetch(
        "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables"
        " WHERE table_schema IN ('voice', 'ops', 'accounts', 'queue') AND table_type = 'BASE TABLE'"
    )
    for table in tables:
        for found in await ports.rig.owner.fetch(f"SELECT t::text AS row FROM {table['name']} t"):
            for secret in (account, pin, "918273", "QQ1122334"):
                assert secret not in found["row"], table["name"]
    (row,) = await ports.numbers(project_id)
    assert row["account_number_mask"] == "••••2334"
    there = ports.rig.sandbox.port((await ports.row(project_id))["carrier_id"])
    assert there["rows"][0]["accountNumber"] == "QQ1122334"
    change_ = NumberChange(port_number_id=row["id"], changes={"pin": "918273"})
    assert "918273" not in repr(change_)
