"""Activation: each number that has come over is one did, and those that have not are known."""

from __future__ import annotations

import pytest

from db import seed
from db.ids import new_id
from numbering.lanes import Lane
from tests.workflows.carried_ports import numbers, ordered, uploaded
from tests.workflows.rig import Rig
from workflows import port_activation


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


async def test_numbers_that_were_not_activated_are_failed_and_may_come_later(rig: Rig) -> None:
    port = await ordered(rig, *numbers(3, "9108"))
    await port.advance("ACTIVATING")
    while rig.sandbox.port(port.carrier_id)["next"]:
        await port.advance()
    await port.polled()
    assert (await port.row())["status"] == "PARTIAL"
    assert await port.states() == ["ACTIVE", "ACTIVE", "FAILED"]
    failed = (await port.rows())[-1]
    assert failed["errors"] != []
    line = await rig.owner.fetchrow("SELECT * FROM voice.port_events WHERE number IS NOT NULL")
    assert line is not None
    assert line["number"] == failed["number"]
    looks = port.calls("/details")
    await port.polled()
    assert port.calls("/details") == looks
    await port.portability.activate(port.carrier_id, [port.numbers[-1]], lane=Lane.BULK)
    await port.polled()
    assert (await port.row())["status"] == "COMPLETE"
    assert await port.states() == ["ACTIVE"] * 3
    assert (await port.notices()).count("PORT_COMPLETE") == 2
    await rig.quiet()
    await rig.check()


@pytest.mark.parametrize("again", [False, True])
async def test_a_did_of_somebody_else_is_never_overwritten(rig: Rig, again: bool) -> None:
    """S5b: staff have to say whose it is."""
    port = await ordered(rig, *numbers(2))
    taken = str(port.numbers[0])
    await rig.owner.execute(
        "INSERT INTO voice.dids (id, number, number_type, npa, nxx, customer_id, monthly_cost,"
        " setup_fee, custom_fields) VALUES ($1, $2, 'LOCAL', '646', '867', $3, 1, 0, '{}')",
        new_id(),
        taken,
        seed.CUSTOMER_B,
    )
    await port.advance("COMPLETE")
    await port.polled()
    assert (await port.row())["status"] == "PARTIAL"
    assert await port.states() == ["FAILED", "ACTIVE"]
    if again:
        await port.deliver("again", kind="port-activated")
        await rig.settle_due()
    (incident,) = await rig.incidents()
    assert incident["number"] == taken
    assert incident["customer_id"] == port.customer_id
    owner = await rig.owner.fetchval("SELECT customer_id FROM voice.dids WHERE number = $1", taken)
    assert owner == seed.CUSTOMER_B


async def test_a_long_list_arrives_in_parts(rig: Rig) -> None:
    tns = numbers(port_activation.AT_ONCE + 50)
    port = await uploaded(rig, *tns)
    await port.advance()
    await port.polled()
    port = await port.submitted()
    await rig.settle_due()  # the poller has had its look, so the delivery is alone
    await port.advance("COMPLETE")
    await port.deliver("all", kind="port-activated")
    await rig.settle_due()
    assert (await port.row())["status"] == "COMPLETE"
    assert len(await port.dids()) == len(tns)
    assert await rig.owner.fetchval(
        "SELECT count(*) FROM ops.audit WHERE action = 'PORT_ACTIVATE'"
    ) == len(tns)


async def test_the_poller_takes_a_long_list_in_parts(rig: Rig) -> None:
    tns = numbers(port_activation.AT_ONCE + 1)
    port = await uploaded(rig, *tns)
    await port.advance()
    await port.polled()
    port = await port.submitted()
    await port.advance("COMPLETE")
    await port.polled()
    assert (await port.row())["status"] == "COMPLETE"
    assert len(await port.dids()) == len(tns)


async def test_activation_begins_before_any_number_is_there(rig: Rig) -> None:
    port = await ordered(rig, *numbers(1))
    await port.advance("ACTIVATING")
    await port.polled()
    assert (await port.row())["status"] == "ACTIVATING"
    assert (await port.history())[-1] == "Activation has begun"


async def test_with_several_failures_it_goes_on_until_every_number_has_its_fate(rig: Rig) -> None:
    """The inventory is behind with one, another has failed: not done yet, not PARTIAL either."""
    port = await ordered(rig, *numbers(2, "9113"))
    await port.advance("ACTIVATING")
    await port.polled()
    while rig.sandbox.port(port.carrier_id)["next"]:
        await port.advance()
    number = rig.sandbox.world.inventory.number(rig.sandbox.position(port.numbers[0]))
    in_use, number.application_id = number.application_id, None
    await port.polled()
    assert (await port.row())["status"] == "ACTIVATING"
    assert await port.states() == ["SUBMITTED", "FAILED"]
    number.application_id = in_use
    await port.polled()
    assert (await port.row())["status"] == "PARTIAL"
