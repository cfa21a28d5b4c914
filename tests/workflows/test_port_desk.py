"""Activation by staff, comments, and who gets which notice."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from db import seed
from numbering.notices import NoticeKind
from tests.workflows.port_asks import NOBODY, activate
from tests.workflows.port_rig import DAY, PortRig, refused
from tests.workflows.rig import ALICE, STAFF, keys
from workflows import porting
from workflows.port_commands import (
    AddPortComment,
    NoticePreference,
    UpdateNoticePreferences,
)


# ── activation ───────────────────────────────────────────────────────────────────────────────────
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
