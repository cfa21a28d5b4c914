"""Where retries end: failed with a reason, paused, or in the hands of staff with an incident."""

from __future__ import annotations

from typing import Any

import pytest

from numbering.refusals import RefusalCode
from tests.workflows.rig import ALICE, BOB, STAFF, Rig, keys
from workflows import incidents, procurement
from workflows.commands import ResolveIncident, RetryIncident, UpdateDids

ALWAYS: dict[str, Any] = {"action": "500"}


async def _retry(rig: Rig) -> None:
    (incident,) = await rig.incidents()
    command = RetryIncident(
        incident_id=incident["id"], reason="the carrier is back", idempotency_key=next(keys)
    )
    accepted = await incidents.retry(rig.services, STAFF, command)
    assert accepted.refusals == ()
    assert accepted.incident_id == incident["id"]


async def _resolve(rig: Rig) -> None:
    (incident,) = await rig.incidents()
    command = ResolveIncident(
        incident_id=incident["id"], resolution="called them", idempotency_key=next(keys)
    )
    assert (await incidents.resolve(rig.services, STAFF, command)).refusals == ()


@pytest.mark.parametrize("action", ["refuse", "429", "500"])
async def test_a_hold_that_never_gets_through_fails_with_a_reason(rig: Rig, action: str) -> None:
    (number,) = rig.free()
    await rig.sandbox.fault(action, path="*/reserve")
    accepted = await rig.reserve(number)
    await rig.quiet()
    item = await rig.item(accepted.reservation_id)
    code = RefusalCode.RATE_LIMITED if action == "429" else RefusalCode.UPSTREAM_UNAVAILABLE
    assert (item["state"], item["error"]["code"]) == ("FAILED", code)
    assert item["error"]["retryable"] is True
    await rig.check()


async def test_a_hold_whose_fate_nobody_tells_goes_to_staff_and_keeps_its_lock(rig: Rig) -> None:
    (number,) = rig.free()
    await rig.sandbox.fault("reset_after", path="*/reserve", times=1)
    await rig.sandbox.fault("500", method="GET")
    accepted = await rig.reserve(number)
    await rig.quiet()
    assert (await rig.item(accepted.reservation_id))["state"] == "PENDING_CONFIRMATION"
    assert await rig.states(number) == ["NUMBER_HOLD ATTENTION"]
    (refused,) = (await rig.reserve(number, actor=BOB)).refusals
    assert refused.code is RefusalCode.HELD_BY_OTHER
    await rig.check()
    await rig.sandbox.clear_faults()
    await _retry(rig)
    await rig.quiet()
    assert await rig.incidents() == []
    await rig.check()


async def test_staff_resolve_what_was_settled_by_hand(rig: Rig) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.sandbox.fault("reset_before", path="*/assign", times=1)
    await rig.sandbox.fault("500", method="GET")
    await rig.assign(cart)
    await rig.quiet()
    assert (await rig.item(cart))["state"] == "PENDING_CONFIRMATION"
    await rig.sandbox.clear_faults()
    await _resolve(rig)
    item = await rig.item(cart)
    assert (item["state"], item["error"]["code"]) == ("FAILED", RefusalCode.CONFLICT)
    assert await rig.states(number) == ["NUMBER_HOLD SUCCEEDED", "NUMBER_ASSIGN FAILED"]
    await rig.quiet()
    await rig.check()


async def test_a_release_that_cannot_be_made_stays_releasing(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    await rig.sandbox.fault(**ALWAYS, path="*/release")
    await rig.release_dids(did_id)
    await rig.quiet()
    assert (await rig.did(number))["status"] == "RELEASING"
    (incident,) = await rig.incidents()
    assert incident["number"] == number
    assert incident["customer_id"] == ALICE.customer_id
    await rig.check()
    await rig.sandbox.clear_faults()
    await _retry(rig)
    await rig.quiet()
    assert (await rig.did(number))["status"] == "DISCONNECTED"
    assert await rig.incidents() == []
    await rig.check()


async def test_a_resolved_release_is_looked_at_once_more(rig: Rig) -> None:
    """While the did is RELEASING the sweeper goes on asking the carrier."""
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    await rig.sandbox.fault(**ALWAYS, path="*/release")
    await rig.release_dids(did_id)
    await rig.quiet()
    await rig.sandbox.clear_faults()
    rig.sandbox.world.moves.release(rig.sandbox.position(number))
    await _resolve(rig)
    await rig.quiet()
    assert (await rig.did(number))["status"] == "DISCONNECTED"
    await rig.check()


async def test_metadata_of_a_number_that_is_not_ours_any_more(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    rig.sandbox.world.moves.release(rig.sandbox.position(number))
    command = UpdateDids(
        did_ids=(did_id,), changes={"voice_enabled": False}, idempotency_key=next(keys)
    )
    await procurement.update_dids(rig.services, ALICE, command)
    await rig.quiet()
    (incident,) = await rig.incidents()
    assert "not have this number as ours" in incident["summary"]
    assert (await rig.did(number))["pushed_version"] == 1
    await _resolve(rig)
    await rig.quiet()
    assert (await rig.did(number))["pushed_version"] == 2
    assert await rig.incidents() == []


async def test_a_release_overtakes_a_push_that_staff_have(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    rig.sandbox.world.moves.release(rig.sandbox.position(number))
    command = UpdateDids(
        did_ids=(did_id,), changes={"voice_enabled": False}, idempotency_key=next(keys)
    )
    await procurement.update_dids(rig.services, ALICE, command)
    await rig.quiet()
    assert len(await rig.incidents()) == 1
    await rig.release_dids(did_id)
    await rig.quiet()
    assert (await rig.did(number))["status"] == "DISCONNECTED"
    assert await rig.incidents() == []
    await rig.check()


async def test_a_refused_token_pauses_and_pages_once(rig: Rig) -> None:
    numbers = rig.free(3)
    accepted = await rig.reserve(*numbers)
    rig.services.teliport._http.headers["Authorization"] = "Bearer rng_wrong"
    await rig.settle_due()
    assert {row["state"] for row in await rig.items_of(accepted)} == {"PENDING"}
    (incident,) = await rig.incidents()
    assert "token" in incident["summary"]
    assert incident["operation_id"] is None
    refused = await incidents.retry(
        rig.services,
        STAFF,
        RetryIncident(incident_id=incident["id"], reason="x", idempotency_key=next(keys)),
    )
    assert [r.code for r in refused.refusals] == [RefusalCode.WRONG_STATE]
    rig.services.teliport._http.headers["Authorization"] = f"Bearer {rig.sandbox.token}"
    await _resolve(rig)
    await rig.quiet()
    assert {row["state"] for row in await rig.items_of(accepted)} == {"HELD"}
    await rig.check()


async def test_a_refused_token_during_a_look(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    await rig.release_dids(did_id)
    rig.services.teliport._http.headers["Authorization"] = "Bearer rng_wrong"
    await rig.settle_due()
    assert (await rig.states(number))[-1] == "NUMBER_RELEASE WAITING"
    rig.services.teliport._http.headers["Authorization"] = f"Bearer {rig.sandbox.token}"
    await rig.quiet()
    assert (await rig.did(number))["status"] == "DISCONNECTED"


async def test_another_customers_live_did_goes_to_staff_at_once(rig: Rig) -> None:
    """S5b: never released by us, because either of the two may be right."""
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.owner.execute(
        "INSERT INTO voice.dids (id, number, number_type, npa, nxx, customer_id, monthly_cost,"
        " setup_fee) VALUES (gen_random_uuid(), $1, 'LOCAL', '303', '555', $2, 1, 1)",
        str(number),
        BOB.customer_id,
    )
    await rig.assign(cart)
    await rig.quiet()
    assert (await rig.states(number))[-1] == "NUMBER_ASSIGN ATTENTION"
    assert rig.sent(number, "/release") == 0
    (incident,) = await rig.incidents()
    assert "another customer" in incident["summary"]
    assert rig.sandbox.state(number)["status"] == "IN_USE"


async def test_incidents_are_not_found_or_already_closed(rig: Rig) -> None:
    unknown = RetryIncident(
        incident_id=ALICE.customer_ids[0], reason="why not", idempotency_key=next(keys)
    )
    (refusal,) = (await incidents.retry(rig.services, STAFF, unknown)).refusals
    assert (refusal.code, refusal.path) == (RefusalCode.NOT_FOUND, ("incidentId",))
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    await rig.sandbox.fault(**ALWAYS, path="*/release")
    await rig.release_dids(did_id)
    await rig.quiet()
    (incident,) = await rig.incidents()
    await _retry(rig)
    again = RetryIncident(
        incident_id=incident["id"], reason="once more", idempotency_key=next(keys)
    )
    (refusal,) = (await incidents.retry(rig.services, STAFF, again)).refusals
    assert refusal.code is RefusalCode.WRONG_STATE
    await _resolve(rig)  # while it is under way: the incident closes, the operation goes on
    close = ResolveIncident(
        incident_id=incident["id"], resolution="twice", idempotency_key=next(keys)
    )
    (refusal,) = (await incidents.resolve(rig.services, STAFF, close)).refusals
    assert refusal.code is RefusalCode.WRONG_STATE


async def test_an_operation_that_is_over_needs_no_more_carrying(rig: Rig) -> None:
    """Staff close or retry an incident whose operation came to an end by other means."""
    first, second = rig.free(2)
    await rig.sandbox.fault("reset_before", path="*/reserve", times=2)
    await rig.sandbox.fault("500", method="GET")
    await rig.reserve(first)
    await rig.quiet()
    await rig.owner.execute("UPDATE ops.operation SET state = 'FAILED'")
    await _retry(rig)
    assert await rig.due() == []
    await _resolve(rig)
    await rig.owner.execute("UPDATE voice.reservation_items SET state = 'FAILED'")
    await rig.reserve(second)
    await rig.quiet()
    await rig.owner.execute("UPDATE voice.reservation_items SET state = 'RELEASED'")
    await _resolve(rig)
    assert (await rig.states(second)) == ["NUMBER_HOLD FAILED"]
    assert await rig.incidents() == []
