"""A did that came by a port belongs to us before the carrier has been told whose it is.

Until our first metadata push the record names nobody: to read that as "not ours" would leave the
push to staff, and take a release for done that never happened (decisions 9, 28).
"""

from __future__ import annotations

import pytest

from numbering.lifecycle import OperationKind
from tests.workflows.carried_ports import Port, numbers, ordered
from tests.workflows.rig import Rig
from workflows import saga_readings
from workflows.saga_readings import Reading
from workflows.saga_terms import CarrierStatus, Facts, Sight, Target


@pytest.fixture
async def port(rig: Rig) -> Port:
    """Two numbers, active at the carrier and here; nothing was pushed yet."""
    made = await ordered(rig, *numbers(2))
    await made.advance("COMPLETE")
    return made


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "503", "truncated"])
async def test_a_first_push_in_doubt_is_read_back_and_sent(
    rig: Rig, port: Port, fault: str
) -> None:
    await rig.sandbox.fault(fault, path="*/metadata", nth=1)
    await port.polled()
    await rig.quiet()
    assert await rig.incidents() == []
    for number in port.numbers:
        metadata = rig.sandbox.state(number)["applicationMetadata"]
        assert metadata["losing_carrier"] == "Verizon"
    await rig.check()


async def test_a_number_given_back_before_its_first_push_is_released(rig: Rig, port: Port) -> None:
    await rig.sandbox.fault("503", path="*/metadata")
    await port.polled()
    did_ids = [row["id"] for row in await port.dids()]
    await rig.owner.execute("DELETE FROM queue.pgqueuer")
    await rig.owner.execute(
        "UPDATE ops.operation SET state = 'FAILED', sent = '{}', lease_until = NULL"
        " WHERE kind = 'METADATA_PUSH'"
    )
    await rig.sandbox.clear_faults()
    await rig.release_dids(*did_ids)
    await rig.quiet()
    for number in port.numbers:
        assert rig.sandbox.state(number)["status"] == "AVAILABLE"


@pytest.mark.parametrize(
    ("ported", "sight", "found"),
    [
        (True, Sight(CarrierStatus.IN_USE, ported_in=True), Reading.OPEN),
        (False, Sight(CarrierStatus.IN_USE, ported_in=True), Reading.DONE),
        (True, Sight(CarrierStatus.IN_USE), Reading.DONE),
        (True, Sight(CarrierStatus.PORTED_OUT, ported_in=True), Reading.DONE),
        (
            True,
            Sight(CarrierStatus.IN_USE, metadata={"customer_id": "other"}, ported_in=True),
            Reading.DONE,
        ),
        (
            True,
            Sight(CarrierStatus.IN_USE, metadata={"warp_did_id": "other"}, ported_in=True),
            Reading.DONE,
        ),
    ],
    ids=["ours", "bought", "elsewhere", "gone", "customer-of-others", "did-of-others"],
)
def test_only_what_a_port_brought_and_nobody_claims_is_ours(
    *, ported: bool, sight: Sight, found: Reading
) -> None:
    facts = Facts(
        kind=OperationKind.NUMBER_RELEASE,
        operation_id="op",
        customer_id="c",
        did_id="d",
        target=Target.DID,
        ported=ported,
    )
    assert saga_readings.reading(facts, sight) is found
