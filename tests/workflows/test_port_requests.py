"""What may be asked about ports, what is refused with which words, and what it leaves behind."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from db import seed
from numbering import foc
from numbering.notices import NoticeKind
from numbering.port_codes import PortErrorCode
from numbering.porting import PortDocumentKind
from numbering.refusals import FileRefused
from tests.workflows.port_rig import DAY, PDF, ZONES, PortRig, codes, csv_of, refused
from tests.workflows.rig import ALICE, BOB, STAFF, keys
from workflows import porting
from workflows.accepted import Accepted
from workflows.port_commands import (
    ActivatePortNumbers,
    AddPortComment,
    ApplySuggestedFixes,
    LintPortFile,
    NoticePreference,
    NumberChange,
    RemovePortNumbers,
    RevalidatePortNumbers,
    UpdateNoticePreferences,
    UpdatePortNumbers,
    UpdatePortProject,
    UploadedFile,
)

NOBODY = UUID(int=0)


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


async def update(ports: PortRig, project_id: UUID, actor: Any = ALICE, **changes: Any) -> Accepted:
    command = UpdatePortProject(
        project_id=project_id,
        changes=changes,  # type: ignore[typeddict-item]
        idempotency_key=next(keys),
    )
    return await porting.update(ports.rig.services, actor, command)


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


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────
async def change(
    ports: PortRig, project_id: UUID, number_id: UUID, *, check: bool = True, **changes: Any
) -> Accepted:
    command = UpdatePortNumbers(
        project_id=project_id,
        changes=(NumberChange(port_number_id=number_id, changes=changes),),  # type: ignore[arg-type]
        revalidate=check,
        idempotency_key=next(keys),
    )
    return await porting.change_numbers(ports.rig.services, ALICE, command)


async def fix(ports: PortRig, project_id: UUID, **options: Any) -> porting.FixAnswer:
    command = ApplySuggestedFixes(project_id=project_id, idempotency_key=next(keys), **options)
    return await porting.apply_fixes(ports.rig.services, ALICE, command)


async def remove(ports: PortRig, project_id: UUID, *ids: UUID, reason: str = "") -> Accepted:
    command = RemovePortNumbers(
        project_id=project_id, port_number_ids=ids, reason=reason, idempotency_key=next(keys)
    )
    return await porting.remove_numbers(ports.rig.services, ALICE, command)


async def revalidate(ports: PortRig, project_id: UUID, *ids: UUID) -> Accepted:
    command = RevalidatePortNumbers(
        project_id=project_id, port_number_ids=ids or None, idempotency_key=next(keys)
    )
    return await porting.revalidate(ports.rig.services, ALICE, command)


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


# ── documents ────────────────────────────────────────────────────────────────────────────────────
BAD_LETTERS: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "no PDF": ({"content": b"plain"}, ("FILE_REFUSED", "file")),
    "cut off": ({"content": b"%PDF-1.7 half"}, ("FILE_REFUSED", "file")),
    "picture": ({"content": b"\xff\xd8\xff..."}, ("FILE_REFUSED", "file")),
    "large": ({"content": PDF + b" " * (10 * 2**20)}, ("FILE_REFUSED", "file")),
    "no signer": ({"signed_by": None}, ("INVALID", "signedBy")),
    "no day": ({"signed_on": None}, ("INVALID", "signedOn")),
}


@pytest.mark.parametrize("case", BAD_LETTERS)
async def test_letters(ports: PortRig, case: str) -> None:
    options, (code, path) = BAD_LETTERS[case]
    project_id = await ports.project(1451)
    assert refused(await ports.letter(project_id, **options)) == [(code, (path,))]


async def test_days_of_letters(ports: PortRig) -> None:
    project_id = await ports.project(1452)
    today = await ports.today()
    for day in (today + DAY, today - 31 * DAY):
        accepted = await ports.letter(project_id, signed_on=day)
        assert refused(accepted) == [("INVALID", ("signedOn",))]
    assert (await ports.letter(project_id, signed_on=today - 30 * DAY)).refusals == ()


async def test_bills_may_be_pictures(ports: PortRig) -> None:
    project_id = await ports.project(1453)
    bill = {"kind": PortDocumentKind.BILL, "signed_by": None, "signed_on": None}
    picture = b"\x89PNG\r\n\x1a\n...."
    accepted = await ports.letter(project_id, content=picture, name="../a/b\x00.png", **bill)
    assert accepted.refusals == ()
    accepted = await ports.letter(project_id, content=b"GIF89a", **bill)
    assert refused(accepted) == [("FILE_REFUSED", ("file",))]
    row = await ports.rig.owner.fetchrow("SELECT * FROM voice.port_documents")
    assert row is not None
    assert (row["file_name"], row["list_hash"]) == ("b.png", None)
    assert picture not in row["content_sealed"]


# ── submission ───────────────────────────────────────────────────────────────────────────────────
async def test_what_a_submission_needs(ports: PortRig) -> None:
    project_id = await ports.project(9101, 1461)
    assert refused(await ports.submit(project_id)) == [("WRONG_STATE", ("projectId",))]
    await ports.checked(project_id)
    await fix(ports, project_id)
    await ports.rig.settle_due()
    assert await ports.checked(project_id) == "VALIDATED"
    assert refused(await ports.submit(project_id)) == [("LOA_REQUIRED", ("projectId",))]
    await ports.letter(project_id)
    await ports.upload(project_id, csv_of(1462))
    await ports.rig.settle_due()
    await ports.checked(project_id)
    accepted = await ports.submit(project_id)
    assert refused(accepted) == [("LOA_REQUIRED", ("projectId",))]
    await ports.letter(project_id)
    day = await ports.today() + 60 * DAY
    assert refused(await ports.submit(project_id, day)) == [("FOC_DATE_NOT_ALLOWED", ("focDate",))]
    await update(ports, project_id, authorized_person=None)
    await ports.rig.settle_due()
    assert refused(await ports.submit(project_id)) == [("INVALID", ("authorizedPerson",))]


async def test_a_project_without_valid_rows(ports: PortRig) -> None:
    """The status alone is not believed."""
    project_id = await ports.ready(1463)
    await ports.rig.owner.execute("UPDATE voice.port_numbers SET state = 'INVALID'")
    assert refused(await ports.submit(project_id)) == [("WRONG_STATE", ("projectId",))]
    await ports.rig.owner.execute("UPDATE voice.port_numbers SET removed_at = ops.now()")
    accepted = await ports.submit(project_id)
    assert "no numbers" in accepted.refusals[0].message


async def test_an_old_letter(ports: PortRig) -> None:
    project_id = await ports.project(1464)
    await ports.checked(project_id)
    await ports.letter(project_id, signed_on=await ports.today() - 29 * DAY)
    await ports.rig.advance(2 * 86400)
    accepted = await ports.submit(project_id)
    assert refused(accepted) == [("LOA_REQUIRED", ("projectId",))]
    assert "older" in accepted.refusals[0].message


async def test_a_number_is_submitted_once(ports: PortRig) -> None:
    lines = (1471, 1472, 1473, 1474, 1475, 1476)
    mine = await ports.ready(*lines)
    theirs = await ports.ready(*lines, actor=BOB)
    assert (await ports.submit(mine)).refusals == ()
    await ports.rig.settle_due()
    accepted = await ports.submit(theirs, actor=BOB)
    assert refused(accepted) == [("NOT_PORTABLE", ("projectId",))]
    assert "and 1 more" in accepted.refusals[0].message
    row = await ports.row(mine)
    assert (row["fee"] is not None, row["rush"]) == (True, True)


async def test_while_it_is_being_submitted(ports: PortRig) -> None:
    project_id = await ports.ready(1481)
    await ports.submit(project_id)
    assert refused(await ports.submit(project_id)) == [("CONFLICT", ("projectId",))]
    assert refused(await ports.cancel(project_id)) == [("CONFLICT", ("projectId",))]
    assert refused(await update(ports, project_id, name="x")) == [("CONFLICT", ("projectId",))]


async def test_the_carrier_refuses_a_submission(ports: PortRig) -> None:
    project_id = await ports.ready(1482)
    await ports.elsewhere(project_id, "CANCELLED")
    assert await _refused_submission(ports, project_id) == "WRONG_STATE"
    await ports.elsewhere(project_id, "DRAFT")
    rules = foc.FocRules(farthest_days=90)
    far = await ports.earliest() + 42 * DAY
    while not foc.judge(far, now=await ports.now(), zones=ZONES, spids=(), rules=rules).allowed:
        far += DAY
    patient = PortRig(ports.rig.having(foc_rules=rules))
    assert await _refused_submission(patient, project_id, far) == "FOC_DATE_NOT_ALLOWED"
    assert (await ports.submit(project_id)).refusals == ()
    await ports.rig.settle_due()
    assert (await ports.row(project_id))["status"] == "SUBMITTED"


async def _refused_submission(ports: PortRig, project_id: UUID, day: date | None = None) -> str:
    accepted = await ports.submit(project_id, day)
    await ports.rig.settle_due()
    row = await ports.row(project_id)
    assert (row["status"], row["wanted"]) == ("VALIDATED", None)
    assert (await ports.operations(project_id))[-1] == "PORT_SUBMIT FAILED"
    error = await ports.rig.owner.fetchval(
        "SELECT error FROM ops.operation WHERE id = $1", accepted.operation_ids[0]
    )
    assert (await ports.history(project_id))[-1] == error["message"]
    code: str = error["code"]
    return code


# ── cancellation ─────────────────────────────────────────────────────────────────────────────────
async def test_cancelled_before_the_carrier_knew(ports: PortRig) -> None:
    accepted = await ports.create()
    project_id = accepted.port_project_id
    assert project_id is not None
    cancelled = await ports.cancel(project_id)
    assert len(cancelled.operation_ids) == 0
    assert (await ports.row(project_id))["status"] == "CANCELLING"
    await ports.rig.settle_due()
    assert (await ports.row(project_id))["status"] == "CANCELLED"
    assert [each["status"] for each in ports.rig.sandbox.ports()] == ["CANCELLED"]
    assert refused(await ports.cancel(project_id)) == [("WRONG_STATE", ("projectId",))]
    assert refused(await ports.cancel(project_id, " ")) == [("INVALID", ("reason",))]


async def test_cancelled_with_nobody_on_the_way(ports: PortRig) -> None:
    project_id = (await ports.create()).port_project_id
    assert project_id is not None
    await ports.rig.owner.execute("UPDATE ops.operation SET state = 'FAILED'")
    assert (await ports.cancel(project_id)).refusals == ()
    assert (await ports.row(project_id))["status"] == "CANCELLED"
    assert ports.rig.sandbox.ports() == []


async def test_too_late_to_cancel(ports: PortRig) -> None:
    project_id = await ports.submitted(1491)
    await ports.rig.owner.execute(
        "UPDATE voice.port_projects SET status = 'FOC_ASSIGNED', foc_date = $1",
        await ports.today(),
    )
    accepted = await ports.cancel(project_id)
    assert refused(accepted) == [("WRONG_STATE", ("projectId",))]
    assert "could be cancelled until" in accepted.refusals[0].message
    await ports.rig.owner.execute(
        "UPDATE voice.port_projects SET foc_date = $1", await ports.today() + 5 * DAY
    )
    assert (await ports.cancel(project_id)).refusals == ()
    await ports.rig.settle_due()
    assert (await ports.row(project_id))["status"] == "CANCELLED"


async def test_the_carrier_refuses_a_cancellation(ports: PortRig) -> None:
    project_id = await ports.submitted(1492)
    await ports.elsewhere(project_id, "ACTIVATING")
    await ports.cancel(project_id)
    await ports.rig.settle_due()
    assert (await ports.row(project_id))["status"] in {"SUBMITTED", "ACTIVATING"}
    assert (await ports.operations(project_id))[-1] == "PORT_CANCEL FAILED"


# ── activation ───────────────────────────────────────────────────────────────────────────────────
async def activate(ports: PortRig, project_id: UUID, *ids: UUID) -> Accepted:
    command = ActivatePortNumbers(
        project_id=project_id, port_number_ids=ids or None, idempotency_key=next(keys)
    )
    return await porting.activate(ports.rig.services, STAFF, command)


async def test_activation_on_the_day(ports: PortRig) -> None:
    project_id = await ports.submitted(1495, 1496)
    assert refused(await activate(ports, project_id)) == [("WRONG_STATE", ("projectId",))]
    day = await ports.today() + 2 * DAY
    await ports.rig.owner.execute(
        "UPDATE voice.port_projects SET status = 'FOC_ASSIGNED', foc_date = $1", day
    )
    assert refused(await activate(ports, project_id)) == [("FOC_DATE_NOT_ALLOWED", ("projectId",))]
    await ports.rig.owner.execute(
        "UPDATE voice.port_projects SET foc_date = $1", await ports.today()
    )
    assert refused(await activate(ports, project_id, NOBODY)) == [
        ("NOT_FOUND", ("portNumberIds", "0"))
    ]
    first, second = await ports.numbers(project_id)
    # The carrier is not that far, and says so.
    await activate(ports, project_id, first["id"])
    await ports.rig.settle_due()
    assert (await ports.operations(project_id))[-1] == "PORT_ACTIVATE FAILED"
    assert (await ports.row(project_id))["wanted"] is None
    await ports.rig.owner.execute("UPDATE voice.port_numbers SET state = 'ACTIVE'")
    assert refused(await activate(ports, project_id, second["id"])) == [
        ("WRONG_STATE", ("portNumberIds", "0"))
    ]
    assert refused(await activate(ports, project_id)) == [("INVALID", ("projectId",))]


async def test_the_rest_of_a_partial_port(ports: PortRig) -> None:
    project_id = await ports.submitted(9108, 1497)
    for _ in range(40):
        await ports.rig.advance(6 * 3600)
        await ports.rig.settle_due()
        if (await ports.row(project_id))["status"] == "PARTIAL":
            break
    assert (await ports.row(project_id))["status"] == "PARTIAL"
    assert (await activate(ports, project_id)).refusals == ()
    await ports.rig.settle_due()
    assert (await ports.operations(project_id))[-1] == "PORT_ACTIVATE SUCCEEDED"
    assert (await ports.row(project_id))["status"] == "COMPLETE"


# ── words and letters ────────────────────────────────────────────────────────────────────────────
async def test_comments(ports: PortRig) -> None:
    project_id = await ports.project()
    cases: list[tuple[str, list[tuple[str, tuple[str, ...]]]]] = [
        ("Please hurry.\nThank you", []),
        (" ", [("INVALID", ("text",))]),
        ("a\u202eb", [("INVALID", ("text",))]),
        ("x" * 3000 + "\n" + "y" * 3000, [("INVALID", ("text",))]),
    ]
    for text, expected in cases:
        command = AddPortComment(project_id=project_id, text=text, idempotency_key=next(keys))
        accepted = await porting.comment(ports.rig.services, ALICE, command)
        assert refused(accepted) == expected
    (row,) = await ports.rig.owner.fetch("SELECT * FROM voice.port_comments")
    assert row["text"] == "Please hurry.\nThank you"


async def test_notice_preferences(ports: PortRig) -> None:
    kind = NoticeKind.PORT_COMPLETE

    async def prefer(*chosen: NoticePreference, customer: UUID = seed.CUSTOMER_A) -> Any:
        command = UpdateNoticePreferences(
            customer_id=customer, preferences=chosen, idempotency_key=next(keys)
        )
        return refused(await porting.set_notice_preferences(ports.rig.services, STAFF, command))

    def to(*recipients: str) -> NoticePreference:
        return NoticePreference(kind=kind, recipients=recipients)

    assert await prefer() == [("INVALID", ("preferences",))]
    assert await prefer(to("a@b.example"), to()) == [("INVALID", ("preferences", "1", "kind"))]
    assert await prefer(to("no address")) == [("INVALID", ("preferences", "0", "recipients", "0"))]
    assert await prefer(to(*["a@b.example"] * 11)) == [
        ("LIMIT_EXCEEDED", ("preferences", "0", "recipients"))
    ]
    assert await prefer(to(), customer=NOBODY) == [("NOT_FOUND", ("customerId",))]
    assert await prefer(to("ops@b.example")) == []
    assert await prefer(NoticePreference(kind=kind, enabled=False)) == []
    notes = await ports.rig.owner.fetch(
        "SELECT before, after FROM ops.audit WHERE action = 'NOTICES' ORDER BY id"
    )
    assert json.dumps(notes[1]["before"]).count("ops@b.example") == 1
