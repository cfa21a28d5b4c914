"""Activation: each number that has come over is one did, and those that have not are known."""

from __future__ import annotations

from tests.workflows.carried_ports import numbers, ordered
from tests.workflows.rig import Rig


async def test_every_number_becomes_a_did(rig: Rig) -> None:
    port = await ordered(rig, *numbers(3))
    await port.advance("COMPLETE")
    await port.polled()
    row = await port.row()
    assert row["status"] == "COMPLETE"
    assert row["completed_at"] is not None
    assert await port.states() == ["ACTIVE"] * 3
    dids = await port.dids()
    assert [did["number"] for did in dids] == [str(number) for number in port.numbers]
    for did in dids:
        assert (did["ported"], did["ported_from"]) == (True, "Verizon")
        assert did["ported_at"] is not None
        assert did["messaging_port_status"] == "PENDING"
        assert did["sms_enabled"] is False
        assert did["routing_type"] == "NONE"
        assert did["setup_fee"] == 0
        assert did["monthly_cost"] > 0
    await rig.quiet()
    metadata = rig.sandbox.state(port.numbers[0])["applicationMetadata"]
    assert metadata["losing_carrier"] == "Verizon"
    assert [poll["state"] for poll in await port.poll()][-1] == "SUCCEEDED"
    assert (await port.notices())[-1] == "PORT_COMPLETE"
    await rig.check()
