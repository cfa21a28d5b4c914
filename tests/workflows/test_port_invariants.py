"""The invariants of ports go red: each is broken once, by hand, in a world where all of them hold.

I6, I8, I9, I12 and I13 (research/reliability.md 4.3) as `tests.kit.invariants` checks them.
"""

from __future__ import annotations

from uuid import UUID

import orjson
import pytest

from teliport.webhooks import Delivery
from tests.kit import invariants
from tests.workflows.carried_ports import numbers, uploaded
from tests.workflows.port_rig import PortRig
from tests.workflows.rig import Rig
from workflows import carrier_events

LAST = "seq = (SELECT max(seq) FROM voice.port_events)"
PROGRESS = "stream_id LIKE 'port-progress:%'"
BREAKS = {
    "I6 an order that we do not know": ("I6", "DELETE FROM voice.port_attempts"),
    "I6 a project that we do not know": ("I6", "UPDATE voice.port_projects SET carrier_id = 'x'"),
    "I8 history ahead": ("I8", "UPDATE voice.port_projects SET sequence = sequence + 1"),
    "I8 progress behind": (
        "I8",
        "UPDATE voice.port_projects SET progress_sequence = progress_sequence - 1",
    ),
    "I8 a line missing": ("I8", "DELETE FROM voice.port_events WHERE seq = 2"),
    "I8 an event missing": (
        "I8",
        "DELETE FROM ops.event WHERE stream_id LIKE 'port:%' AND seq = 2",
    ),
    "I8 progress missing": ("I8", f"DELETE FROM ops.event WHERE {PROGRESS} AND seq = 2"),
    "I9 more valid than judged": (
        "I9",
        "UPDATE ops.event SET payload = jsonb_set(payload, '{validCount}', '9')"
        f" WHERE {PROGRESS} AND seq = 1",
    ),
    "I9 a number in no count": (
        "I9",
        "UPDATE voice.port_numbers SET removed_at = ops.now() WHERE number LIKE '%1302'",
    ),
    "I9 a number in another count": ("I9", "UPDATE voice.port_numbers SET state = 'INVALID'"),
    "I12 processed and not done": ("I12", "UPDATE ops.webhook SET processed_at = NULL"),
    "I12 processed twice": (
        "I12",
        "INSERT INTO ops.operation (id, kind, kind_group, subject, lane, request, sent, actor,"
        " state) SELECT gen_random_uuid(), kind, kind_group, subject, lane, request, sent, actor,"
        " state FROM ops.operation WHERE kind = 'WEBHOOK'",
    ),
    "I12 back again": ("I12", f"UPDATE voice.port_events SET status = 'PENDING' WHERE {LAST}"),
    "I12 active without a did": ("I12", "UPDATE voice.dids SET ported = false"),
    "I12 a did of no active number": (
        "I12",
        "UPDATE voice.port_numbers SET state = 'SUBMITTED' WHERE number LIKE '%1302'",
    ),
    "I13 not sent": ("I13", "UPDATE ops.notice SET sent_at = NULL"),
    "I13 sent and not counted": ("I13", "UPDATE ops.notice SET sends = 0"),
    "I13 in nobody's hands": ("I13", "DELETE FROM ops.operation WHERE kind = 'NOTICE'"),
}


async def _ported(ports: PortRig) -> UUID:
    """A port from its file to its dids, by way of a delivery."""
    project_id = await ports.submitted(1301, 1302)
    carrier_id = (await ports.row(project_id))["carrier_id"]
    for name, status in (("msg-1", "CONFIRMED"), ("msg-2", "COMPLETE")):
        await ports.rig.sandbox.control("POST", f"/ports/{carrier_id}/advance", {"to": status})
        said = {
            "eventId": name,
            "type": "port-status",
            "projectId": carrier_id,
            "occurredAt": "2026-11-22T12:00:00Z",
            "sequence": 1,
            "data": {"status": status},
        }
        delivery = Delivery.read(name, orjson.dumps(said))
        assert await carrier_events.receive(ports.rig.services, delivery, said)
        await ports.rig.settle_due()
    await ports.rig.quiet()
    assert (await ports.row(project_id))["status"] == "COMPLETE"
    return project_id


@pytest.mark.parametrize("broken", BREAKS)
async def test_a_broken_row_is_seen(ports: PortRig, broken: str) -> None:
    code, statement = BREAKS[broken]
    await _ported(ports)
    await ports.rig.check()
    await ports.rig.owner.execute(statement)
    found = await invariants.broken(ports.rig.owner, ports.rig.sandbox)
    assert code in {each.partition(" ")[0] for each in found}, found


async def test_counts_add_up_while_some_are_found_wrong(rig: Rig) -> None:
    """I9 at every moment of a check that finds its faults at its beginning."""
    wrong = numbers(2, "9101", "9105", exchange="646866")
    port = await uploaded(rig, *wrong, *numbers(30))
    for _ in range(12):
        await rig.settle_due()
        await rig.advance(2)
    told = await port.progress()
    assert any(0 < each["validatedCount"] < 32 and each["invalidCount"] for each in told)
    assert (told[-1]["validCount"], told[-1]["invalidCount"]) == (30, 2)
    await rig.check()
