"""Letters, submissions and cancellations of ports: what each needs, and who refuses."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from numbering import foc
from numbering.porting import PortDocumentKind
from tests.workflows.port_asks import fix, update
from tests.workflows.port_rig import DAY, PDF, ZONES, PortRig, csv_of, number, refused
from tests.workflows.rig import BOB

BLOCKED = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')"
"""Somebody waits for another transaction to end."""
CLAIM = "UPDATE voice.port_numbers SET submitting = true WHERE project_id = $1"

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


async def test_two_customers_submit_the_same_number_at_once(ports: PortRig) -> None:
    """The loser is refused at once, and the carrier never hears of it."""
    mine, theirs = await ports.ready(1477, 1478), await ports.ready(1478, 1479, actor=BOB)
    day = await ports.earliest()
    answers = await asyncio.gather(ports.submit(mine, day), ports.submit(theirs, day, actor=BOB))
    lost = [refused(answer) for answer in answers if answer.refusals]
    assert lost == [[("NOT_PORTABLE", ("projectId",))]]
    refusal = next(refusal for answer in answers for refusal in answer.refusals)
    assert number(1478) in refusal.message
    await ports.rig.settle_due()
    assert ports.sent("/submit") == 1
    statuses = sorted([(await ports.row(mine))["status"], (await ports.row(theirs))["status"]])
    assert statuses == ["SUBMITTED", "VALIDATED"]
    assert await ports.rig.owner.fetchval("SELECT count(*) FROM ops.incident") == 0


async def test_a_number_is_taken_before_the_carrier_hears_of_it(ports: PortRig) -> None:
    """And given back when the carrier says no."""
    mine, theirs = await ports.ready(1501), await ports.ready(1501, actor=BOB)
    await ports.elsewhere(mine, "CANCELLED")
    assert (await ports.submit(mine)).refusals == ()
    accepted = await ports.submit(theirs, actor=BOB)
    assert refused(accepted) == [("NOT_PORTABLE", ("projectId",))]
    assert await ports.states(mine) == ["VALID"]
    await ports.rig.settle_due()
    assert (await ports.row(mine))["status"] == "VALIDATED"
    assert (await ports.submit(theirs, actor=BOB)).refusals == ()
    await ports.rig.settle_due()
    assert (await ports.row(theirs))["status"] == "SUBMITTED"


async def test_a_claim_that_crosses_another_is_tried_again(ports: PortRig) -> None:
    """The other has not committed yet when ours looks around."""
    mine, theirs = await ports.ready(1502), await ports.ready(1502, actor=BOB)
    owner, day = ports.rig.owner, await ports.earliest()
    async with owner.transaction():
        await owner.execute(CLAIM, theirs)
        submitting = asyncio.create_task(ports.submit(mine, day))
        while not await owner.fetchval(BLOCKED):
            pass
    assert refused(await submitting) == [("NOT_PORTABLE", ("projectId",))]


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
