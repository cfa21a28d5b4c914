"""assignReservation: only what is held, unexpired and one's own, for a price that was agreed to."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from db import seed
from numbering.lifecycle import OnPartialAssign, RoutingType
from numbering.refusals import RefusalCode, WrongState
from tests.workflows.rig import ALICE, BOB, STAFF, Rig
from tests.workflows.test_reserving import _carry_soon, _patient, told
from workflows.commands import RoutingRequest


async def test_the_did_is_as_it_was_ordered(rig: Rig) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    accepted = await rig.assign(
        cart,
        voice_enabled=True,
        sms_enabled=True,
        friendly_name="  Front desk ",
        routing=RoutingRequest(type=RoutingType.TRUNK, trunk_id=seed.TRUNK_A1),
        max_monthly_total=Decimal(1000),
    )
    assert told(accepted) == []
    await rig.quiet()
    did, item = await rig.did(number), await rig.item(cart)
    assert did["friendly_name"] == "Front desk"
    assert (did["routing_type"], did["trunk_id"]) == ("TRUNK", seed.TRUNK_A1)
    assert (did["sms_enabled"], did["messaging_port_status"]) == (True, "NOT_APPLICABLE")
    assert (did["monthly_cost"], did["setup_fee"]) == (item["monthly_cost"], item["setup_fee"])
    assert (did["locality"], did["rate_center"]) == (item["locality"], item["rate_center"])
    assert (item["state"], item["did_id"]) == ("ASSIGNED", did["id"])
    meta = rig.sandbox.state(number)["applicationMetadata"]
    assert meta["trunk_id"] == str(seed.TRUNK_A1)
    assert meta["assigned_by"] == ALICE.email
    assert (meta["ban"], meta["company_name"]) == ("WARP-1001", "Aspen Outfitters")
    assert meta["sms_enabled"] is True
    await rig.check()


async def test_the_answer_names_the_dids_that_were_born_in_time(rig: Rig) -> None:
    first, gone = rig.free(2)
    cart = await rig.held(first, gone)
    rig.sandbox.world.moves.hold(rig.sandbox.position(gone), "SOMEBODY-ELSE")
    rig.sandbox.world.moves.port_away(rig.sandbox.position(gone), "6529")
    accepted, _ = await asyncio.gather(_patient(rig).assign(cart), _carry_soon(rig))
    assert accepted.did_ids == ((await rig.did(first))["id"],)
    assert told(accepted) == [(RefusalCode.NUMBER_UNAVAILABLE, ("reservationId",))]
    await rig.quiet()
    await rig.check()


async def test_what_cannot_be_bought(rig: Rig) -> None:
    number, other, more = rig.free(3)
    cart = await rig.held(number, other)
    assert told(await rig.assign(UUID(int=0))) == [(RefusalCode.NOT_FOUND, ("reservationId",))]
    assert told(await rig.assign(cart, BOB)) == [(RefusalCode.NOT_FOUND, ("reservationId",))]
    assert told(await rig.assign(cart, numbers=(more,))) == [
        (RefusalCode.NOT_FOUND, ("numbers", "0"))
    ]
    done = await rig.assign(cart, numbers=(number,))
    assert told(done) == []
    again = await rig.assign(cart, numbers=(number, other))
    assert told(again) == [(RefusalCode.WRONG_STATE, ("numbers", "0"))]
    assert isinstance(again.refusals[0], WrongState)
    await rig.quiet()
    assert told(await rig.assign(cart)) == [(RefusalCode.WRONG_STATE, ("reservationId",))]
    await rig.check()


async def test_expired_holds_are_refused(rig: Rig) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.advance(841)
    expired = RefusalCode.RESERVATION_EXPIRED
    assert told(await rig.assign(cart, numbers=(number,))) == [(expired, ("numbers", "0"))]
    assert told(await rig.assign(cart)) == [(expired, ("reservationId",))]
    await rig.quiet()
    assert rig.sent(number, "/assign") == 0
    await rig.check()


async def test_a_hold_that_ends_while_the_assign_waits(rig: Rig) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.assign(cart)
    await rig.advance(841)
    await rig.quiet()
    item = await rig.item(cart)
    assert (item["state"], item["error"]["code"]) == ("FAILED", RefusalCode.RESERVATION_EXPIRED)
    assert rig.sent(number, "/assign") == 0
    await rig.check()


async def test_an_assign_that_never_got_out_gives_the_hold_back_to_its_owner(rig: Rig) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.sandbox.fault("refuse", path="*/assign")
    await rig.assign(cart)
    await rig.quiet()
    item = await rig.item(cart)
    assert (item["state"], item["error"]["code"]) == ("HELD", RefusalCode.UPSTREAM_UNAVAILABLE)
    await rig.sandbox.clear_faults()
    await rig.assign(cart)
    await rig.quiet()
    assert (await rig.did(number))["status"] == "ACTIVE"
    assert (await rig.item(cart))["error"] is None
    await rig.check()


async def test_a_hold_that_the_carrier_dropped_is_not_taken_over(rig: Rig) -> None:
    """AVAILABLE again: an assign would be let through, and so would somebody else's hold."""
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.sandbox.fault("reset_before", path="*/assign", times=1)
    await rig.assign(cart)
    await rig.settle_due()
    rig.sandbox.world.moves.expire_hold(rig.sandbox.position(number))
    await rig.quiet()
    item = await rig.item(cart)
    assert (item["state"], item["error"]["code"]) == ("FAILED", RefusalCode.RESERVATION_EXPIRED)
    assert rig.sent(number, "/assign") == 1
    await rig.check()


@pytest.mark.parametrize("amount", ["NaN", "-1", "Infinity", "-Infinity", "sNaN"])
async def test_amounts_that_are_none(rig: Rig, amount: str) -> None:
    (number,) = rig.free()
    refused = await rig.assign(await rig.held(number), max_monthly_total=Decimal(amount))
    assert told(refused) == [(RefusalCode.INVALID, ("maxMonthlyTotal",))]


async def test_a_total_above_what_was_agreed(rig: Rig) -> None:
    numbers = rig.free(2)
    cart = await rig.held(*numbers)
    price = (await rig.items(cart))[0]["monthly_cost"]
    refused = await rig.assign(cart, max_monthly_total=price * 2 - Decimal("0.0001"))
    assert told(refused) == [(RefusalCode.PRICE_CHANGED, ("maxMonthlyTotal",))]
    assert told(await rig.assign(cart, max_monthly_total=price * 2)) == []
    await rig.quiet()
    await rig.check()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"routing": RoutingRequest(type=RoutingType.TRUNK, trunk_id=seed.TRUNK_B1)}, "trunkId"),
        ({"routing": RoutingRequest(type=RoutingType.TRUNK, trunk_id=UUID(int=0))}, "trunkId"),
        ({"friendly_name": "x" * 101}, "friendlyName"),
        ({"friendly_name": "a\u202eb"}, "friendlyName"),
        ({"friendly_name": "a\x00b"}, "friendlyName"),
        ({"friendly_name": "\ud800"}, "friendlyName"),
    ],
)
async def test_settings_that_cannot_be_had_refuse_it_whole(
    rig: Rig, changes: dict[str, Any], path: str
) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    (refusal,) = (await rig.assign(cart, **changes)).refusals
    assert refusal.path[-1] == path
    assert (await rig.item(cart))["state"] == "HELD"


async def test_a_number_cannot_be_routed_to_itself(rig: Rig) -> None:
    number, other = rig.free(2)
    cart = await rig.held(number, other)
    forward = RoutingRequest(type=RoutingType.FORWARD, destination=number)
    accepted = await rig.assign(cart, numbers=(number, other), routing=forward)
    assert told(accepted) == [(RefusalCode.INVALID, ("numbers", "0", "routing", "destination"))]
    all_of_them = await rig.assign(cart, routing=forward)
    assert told(all_of_them)[0][1][0] == "reservationId"
    await rig.quiet()
    assert (await rig.did(other))["routing_destination"] == number
    await rig.check()


async def test_release_rest_gives_the_others_back(rig: Rig) -> None:
    good, gone, rest = rig.free(3)
    cart = await rig.held(good, gone, rest)
    rig.sandbox.world.moves.port_away(rig.sandbox.position(gone), "6529")
    await rig.assign(cart, numbers=(good, gone), on_partial=OnPartialAssign.RELEASE_REST)
    await rig.quiet()
    assert [item["state"] for item in await rig.items(cart)] == ["ASSIGNED", "FAILED", "RELEASED"]
    assert rig.sandbox.state(rest)["status"] == "AVAILABLE"
    assert (await rig.did(good))["status"] == "ACTIVE"
    await rig.check()


async def test_keep_holds_keeps_them(rig: Rig) -> None:
    gone, rest = rig.free(2)
    cart = await rig.held(gone, rest)
    rig.sandbox.world.moves.port_away(rig.sandbox.position(gone), "6529")
    await rig.assign(cart, numbers=(gone,))
    await rig.quiet()
    assert [item["state"] for item in await rig.items(cart)] == ["FAILED", "HELD"]
    await rig.check()


async def test_an_assign_while_the_hold_is_being_given_back(rig: Rig) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.release_cart(cart)
    refused = await rig.assign(cart, numbers=(number,))
    assert told(refused) == [(RefusalCode.CONFLICT, ("numbers", "0"))]
    assert (await rig.item(cart))["state"] == "HELD"
    await rig.quiet()
    assert (await rig.item(cart))["state"] == "RELEASED"
    await rig.check()


async def test_many_assigns_go_by_the_bulk_lane_the_earliest_deadline_first(rig: Rig) -> None:
    numbers = rig.free(11)
    cart = await rig.held(*numbers)
    await rig.assign(cart, STAFF)
    rows = await rig.owner.fetch(
        "SELECT o.* FROM ops.operation o WHERE kind = 'NUMBER_ASSIGN' ORDER BY priority DESC"
    )
    assert {row["lane"] for row in rows} == {"BULK"}
    deadlines = [row["deadline"] for row in rows]
    assert deadlines == sorted(deadlines)
    await rig.quiet()
    await rig.check()
