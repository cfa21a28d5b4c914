"""What happens when nothing goes wrong, with every row and record that it leaves."""

from tests.workflows.rig import Rig


async def test_a_number_from_hold_to_release(rig: Rig) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    assert rig.sandbox.state(number)["reservedBy"].startswith("WARP-")
    await rig.assign(cart)
    await rig.quiet()
    did = await rig.did(number)
    assert (did["status"], did["number_type"], did["country_code"]) == ("ACTIVE", "LOCAL", "US")
    meta = rig.sandbox.state(number)["applicationMetadata"]
    assert meta["warp_did_id"] == str(did["id"])
    assert meta["platform"] == "Kamailio"
    await rig.check()
    await rig.release_dids(did["id"])
    await rig.quiet()
    did = await rig.did(number)
    assert did["status"] == "DISCONNECTED"
    assert did["released_at"] is not None
    assert rig.sandbox.state(number)["status"] != "IN_USE"
    await rig.check()
