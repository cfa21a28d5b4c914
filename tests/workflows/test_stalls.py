"""The watchdog: a list of what hangs, written only when it changes; and the reminder of the day."""

from __future__ import annotations

import pytest

from db.ids import new_id
from numbering import foc
from tests.workflows.carried_ports import Port, numbers, ordered, uploaded
from tests.workflows.rig import Rig
from workflows import port_stalls

DAY = 86_400.0


async def judged(rig: Rig) -> int:
    """The watchdog's turn, a minute after the last."""
    await rig.advance(61)
    return await port_stalls.judge_due(rig.services)


async def stall(port: Port) -> tuple[str | None, bool]:
    """What it says of a project, and whether since when."""
    row = await port.row()
    return row["stall_kind"], row["stall_since"] is not None


async def test_an_order_without_a_day_is_on_the_list_until_it_has_one(rig: Rig) -> None:
    port = await ordered(rig, *numbers(1))
    assert await judged(rig) == 0
    assert await stall(port) == (None, False)
    await port.write(
        "UPDATE voice.port_projects SET submitted_at = ops.now() - interval '8 days',"
        " status_since = ops.now() - interval '8 days' WHERE id = $1"
    )
    assert await judged(rig) == 1
    assert await stall(port) == ("NO_FOC", True)
    written = (await port.row())["updated_at"]
    assert await judged(rig) == 0
    assert (await port.row())["updated_at"] == written
    await port.advance("FOC_ASSIGNED")
    await port.polled()
    assert await judged(rig) == 1
    assert await stall(port) == (None, False)


@pytest.mark.parametrize(
    ("status", "age", "kind"),
    [
        ("ACTIVATING", "5 hours", "ACTIVATION_STUCK"),
        ("PARTIAL", "25 hours", "ACTIVATION_STUCK"),
        ("NEEDS_FIXES", "8 days", "NEEDS_FIXES"),
    ],
)
async def test_what_hangs(rig: Rig, status: str, age: str, kind: str) -> None:
    port = await uploaded(rig, *numbers(1))
    await port.write(
        f"UPDATE voice.port_projects SET status = '{status}',"
        f" status_since = ops.now() - interval '{age}' WHERE id = $1"
    )
    assert await judged(rig) == 1
    assert await stall(port) == (kind, True)


async def test_a_day_that_has_passed(rig: Rig) -> None:
    port = await ordered(rig, *numbers(1))
    await port.write("UPDATE voice.port_attempts SET foc_date = '2020-01-02' WHERE project_id = $1")
    assert await judged(rig) == 1
    assert await stall(port) == ("FOC_LAPSED", True)


async def test_a_letter_that_grows_old(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(1))
    await port.write(
        "INSERT INTO voice.port_documents (id, project_id, customer_id, kind, file_name,"
        " size_bytes, sha256, content_sealed, signed_on, uploaded_by)"
        " SELECT $2, id, customer_id, 'LOA', 'loa.pdf', 1, 'x', 'x', current_date - 28, 'Alice'"
        " FROM voice.port_projects WHERE id = $1",
        new_id(),
    )
    assert await judged(rig) == 1
    assert await stall(port) == ("LOA_AGEING", True)


async def test_once_a_minute_is_enough(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(1))
    await judged(rig)
    await port.write(
        "UPDATE voice.port_projects SET status = 'PARTIAL',"
        " status_since = ops.now() - interval '2 days' WHERE id = $1"
    )
    assert await port_stalls.judge_due(rig.services) == 0
    assert await judged(rig) == 1


async def test_every_open_project_has_its_turn(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(1))
    await rig.owner.execute(
        "INSERT INTO voice.port_projects (id, customer_id, name, status, status_since, created_by)"
        " SELECT gen_random_uuid(), $1, 'x', 'NEEDS_FIXES', ops.now() - interval '9 days', 'x'"
        " FROM generate_series(1, $2)",
        port.customer_id,
        port_stalls.PAGE + 5,
    )
    assert await judged(rig) == port_stalls.PAGE + 5


async def test_the_day_is_near_once(rig: Rig) -> None:
    port = await ordered(rig, *numbers(1))
    await port.advance("FOC_ASSIGNED")
    await port.polled()
    await judged(rig)
    assert "PORT_FOC_NEAR" not in await port.notices()
    today = (await rig.owner.fetchval("SELECT ops.now()")).date()
    for _ in range(3):
        await port.write(
            "UPDATE voice.port_projects SET foc_date = $2 WHERE id = $1",
            foc.business_days_after(today, 1),
        )
        await judged(rig)
    assert (await port.notices()).count("PORT_FOC_NEAR") == 1
