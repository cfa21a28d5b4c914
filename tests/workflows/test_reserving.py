"""reserveNumbers and releaseReservation: what is accepted, what is refused and where."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from numbering.lifecycle import OnPartialHold
from numbering.refusals import HeldByOther, LimitExceeded, NumberUnavailable, Refusal, RefusalCode
from numbering.telephone import TelephoneNumber
from tests.workflows.rig import ALICE, BOB, STAFF, Rig
from workflows.accepted import Accepted
from workflows.timings import Timings


def told(accepted: Accepted) -> list[tuple[RefusalCode, tuple[str, ...]]]:
    """Codes and paths."""
    return [(refusal.code, refusal.path) for refusal in accepted.refusals]


async def test_bad_entries_refuse_themselves_alone(rig: Rig) -> None:
    (number,) = rig.free()
    listed = ("911", number, "(303) 555-0101", number.national, "30355")
    accepted = await rig.reserve(*listed)
    assert told(accepted) == [
        (RefusalCode.INVALID, ("numbers", "0")),
        (RefusalCode.INVALID, ("numbers", "2")),
        (RefusalCode.INVALID, ("numbers", "3")),
        (RefusalCode.INVALID, ("numbers", "4")),
    ]
    assert "entry 1" in accepted.refusals[2].message
    await rig.quiet()
    item = await rig.item(accepted.reservation_id)
    assert (item["number"], item["position"], item["state"]) == (number, 1, "HELD")
    await rig.check()


@pytest.mark.parametrize("count", [0, 51, 10_000])
async def test_lists_of_a_wrong_length_are_refused_whole(rig: Rig, count: int) -> None:
    accepted = await rig.reserve(*["3035551234"] * count)
    ((code, path),) = told(accepted)
    assert path == ("numbers",)
    assert code is (RefusalCode.LIMIT_EXCEEDED if count else RefusalCode.INVALID)
    assert accepted.reservation_id is None
    if count:
        assert isinstance(accepted.refusals[0], LimitExceeded)


async def test_a_number_has_one_holder(rig: Rig) -> None:
    (number,) = rig.free()
    await rig.held(number)
    (other,) = (await rig.reserve(number, actor=BOB)).refusals
    assert isinstance(other, HeldByOther)
    assert str(ALICE.customer_id) not in other.message
    assert told(await rig.reserve(number)) == [(RefusalCode.CONFLICT, ("numbers", "0"))]
    await rig.check()


async def test_numbers_in_use_or_being_given_back(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    assert told(await rig.reserve(number)) == [(RefusalCode.CONFLICT, ("numbers", "0"))]
    assert told(await rig.reserve(number, actor=BOB)) == [
        (RefusalCode.NUMBER_UNAVAILABLE, ("numbers", "0"))
    ]
    await rig.release_dids(did_id)
    await rig.owner.execute("UPDATE voice.dids SET status = 'DISCONNECTED'")
    assert told(await rig.reserve(number)) == [(RefusalCode.CONFLICT, ("numbers", "0"))]
    assert told(await rig.reserve(number, actor=BOB)) == [
        (RefusalCode.NUMBER_UNAVAILABLE, ("numbers", "0"))
    ]


async def test_a_number_that_the_carrier_gave_to_somebody_else(rig: Rig) -> None:
    """Outside of WARP: unavailable, with others to take as far as a page at hand knows them."""
    (number,) = rig.free()
    rig.sandbox.world.moves.hold(rig.sandbox.position(number), "SOMEBODY-ELSE")
    accepted = await rig.reserve(number)
    await rig.quiet()
    item = await rig.item(accepted.reservation_id)
    assert (item["state"], item["error"]["code"]) == ("FAILED", RefusalCode.NUMBER_UNAVAILABLE)
    await rig.check()


async def test_fifty_at_once_make_one_hold(rig: Rig) -> None:
    (number,) = rig.free()
    answers = await asyncio.gather(*(rig.reserve(number, key="one") for _ in range(50)))
    assert len({answer.operation_ids for answer in answers}) == 1
    await rig.quiet()
    assert rig.sent(number, "/reserve") == 1
    await rig.check()


async def test_two_customers_race_for_one_number(rig: Rig) -> None:
    (number,) = rig.free()
    mine, theirs = await asyncio.gather(
        rig.reserve(number, actor=ALICE), rig.reserve(number, actor=BOB)
    )
    won = [answer for answer in (mine, theirs) if answer.reservation_id]
    (lost,) = [answer for answer in (mine, theirs) if not answer.reservation_id]
    assert len(won) == 1
    assert told(lost) == [(RefusalCode.HELD_BY_OTHER, ("numbers", "0"))]
    await rig.quiet()
    await rig.check()


async def test_a_key_is_for_one_input(rig: Rig) -> None:
    first, second = rig.free(2)
    done = await rig.reserve(first, key="k")
    again = await rig.reserve(first, key="k")
    assert again == done
    other = await rig.reserve(second, key="k")
    assert told(other) == [(RefusalCode.IDEMPOTENCY_KEY_REUSED, ("idempotencyKey",))]
    assert told(await rig.reserve(second, key="k", actor=BOB)) == []


@pytest.mark.parametrize("key", ["\x00", "x" * 256, "\u202e", "a\nb", "\ud800"])
async def test_keys_that_cannot_be_kept(rig: Rig, key: str) -> None:
    assert told(await rig.reserve("3035551234", key=key)) == [
        (RefusalCode.INVALID, ("idempotencyKey",))
    ]


async def test_staff_hold_for_a_customer(rig: Rig) -> None:
    (number, other) = rig.free(2)
    accepted = await rig.reserve(number, actor=STAFF, customer_id=BOB.customer_id)
    await rig.quiet()
    item = await rig.item(accepted.reservation_id)
    assert (item["customer_id"], item["state"]) == (BOB.customer_id, "HELD")
    nobody = await rig.reserve(other, actor=STAFF, customer_id=UUID(int=0))
    assert told(nobody) == [(RefusalCode.NOT_FOUND, ("customerId",))]
    audit = await rig.owner.fetchrow("SELECT * FROM ops.audit WHERE number = $1", str(number))
    assert audit is not None
    assert audit["actor_is_staff"]
    await rig.check()


async def test_rollback_wants_all_or_none(rig: Rig) -> None:
    good, gone = rig.free(2)
    rollback = OnPartialHold.ROLLBACK
    refused = await rig.reserve(good, "911", on_partial=rollback)
    assert refused.reservation_id is None
    assert rig.sent(good, "/reserve") == 0
    rig.sandbox.world.moves.hold(rig.sandbox.position(gone), "SOMEBODY-ELSE")
    accepted = await rig.reserve(good, gone, on_partial=rollback)
    await rig.quiet()
    assert [item["state"] for item in await rig.items_of(accepted)] == ["RELEASED", "FAILED"]
    cart = await rig.owner.fetchrow(
        "SELECT * FROM voice.reservations WHERE id = $1", accepted.reservation_id
    )
    assert cart is not None
    assert cart["closed_at"] is not None
    await rig.check()


async def test_large_carts_go_by_the_bulk_lane_and_endless_ones_are_refused(rig: Rig) -> None:
    numbers = rig.free(30)
    accepted = await rig.reserve(*numbers[:11])
    rows = await rig.owner.fetch("SELECT lane, priority FROM ops.operation ORDER BY id")
    assert {row["lane"] for row in rows} == {"BULK"}
    assert [row["priority"] for row in rows] == [-turn for turn in range(11)]
    assert len(accepted.operation_ids) == 11
    slow = Timings(hold_patience=10.0)
    refused = await rig.having(timings=slow).reserve(*numbers[11:])
    ((code, path),) = told(refused)
    assert (code, path) == (RefusalCode.RATE_LIMITED, ("numbers",))


# ── giving holds back ────────────────────────────────────────────────────────────────────────────
async def test_some_or_all_holds_are_given_back(rig: Rig) -> None:
    first, second, third = rig.free(3)
    cart = await rig.held(first, second, third)
    accepted = await rig.release_cart(cart, numbers=(second,))
    await rig.quiet()
    assert accepted.refusals == ()
    assert [item["state"] for item in await rig.items(cart)] == ["HELD", "RELEASED", "HELD"]
    await rig.release_cart(cart)
    await rig.release_cart(cart)  # twice is once
    await rig.quiet()
    assert {item["state"] for item in await rig.items(cart)} == {"RELEASED"}
    assert [rig.sent(number, "/release") for number in (first, second, third)] == [1, 1, 1]
    assert rig.sandbox.state(first)["status"] == "AVAILABLE"
    await rig.check()


async def test_what_cannot_be_given_back(rig: Rig) -> None:
    number, other = rig.free(2)
    cart = await rig.held(number)
    unknown = await rig.release_cart(UUID(int=0))
    assert told(unknown) == [(RefusalCode.NOT_FOUND, ("reservationId",))]
    foreign = await rig.release_cart(cart, BOB)
    assert told(foreign) == told(unknown)
    assert foreign.refusals[0].message == unknown.refusals[0].message
    assert told(await rig.release_cart(cart, numbers=(other,))) == [
        (RefusalCode.NOT_FOUND, ("numbers", "0"))
    ]
    await rig.assign(cart)
    assert told(await rig.release_cart(cart, numbers=(number,))) == [
        (RefusalCode.WRONG_STATE, ("numbers", "0"))
    ]
    assert told(await rig.release_cart(cart)) == []
    await rig.quiet()
    await rig.check()


async def test_a_hold_on_its_way_is_withdrawn(rig: Rig) -> None:
    number, doubtful = rig.free(2)
    accepted = await rig.reserve(number)
    assert accepted.reservation_id is not None
    await rig.release_cart(accepted.reservation_id)
    await rig.quiet()
    assert (await rig.item(accepted.reservation_id))["state"] == "RELEASED"
    assert rig.sent(number, "/reserve") == 0
    await rig.sandbox.fault("reset_after", path="*/reserve", times=1)
    accepted = await rig.reserve(doubtful)
    await rig.settle_due()
    assert accepted.reservation_id is not None
    await rig.release_cart(accepted.reservation_id)
    await rig.quiet()
    assert (await rig.item(accepted.reservation_id))["state"] == "RELEASED"
    assert rig.sandbox.state(doubtful)["status"] == "AVAILABLE"
    await rig.check()


async def test_a_withdrawn_hold_that_never_arrived(rig: Rig) -> None:
    (number,) = rig.free()
    await rig.sandbox.fault("reset_before", path="*/reserve", times=1)
    accepted = await rig.reserve(number)
    await rig.settle_due()
    assert accepted.reservation_id is not None
    await rig.release_cart(accepted.reservation_id)
    await rig.quiet()
    assert (await rig.item(accepted.reservation_id))["state"] == "RELEASED"
    assert rig.sent(number, "/reserve") == 1
    await rig.check()


async def test_a_hold_that_somebody_else_has_by_now_is_not_freed(rig: Rig) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    rig.sandbox.world.moves.hold(rig.sandbox.position(number), "SOMEBODY-ELSE")
    await rig.release_cart(cart)
    await rig.quiet()
    assert (await rig.item(cart))["state"] == "RELEASED"
    assert rig.sandbox.state(number)["reservedBy"] == "SOMEBODY-ELSE"
    assert rig.sent(number, "/release") == 0


async def test_holds_run_out_without_a_call(rig: Rig) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    calls = len(rig.sandbox.calls())
    await rig.advance(841)
    await rig.quiet()
    assert (await rig.item(cart))["state"] == "EXPIRED"
    assert len(rig.sandbox.calls()) == calls
    row = await rig.owner.fetchrow("SELECT * FROM ops.audit WHERE action = 'EXPIRE'")
    assert row is not None
    assert (row["actor"], row["number"]) == ("WARP expiry", number)
    assert told(await rig.release_cart(cart, numbers=(number,))) == [
        (RefusalCode.WRONG_STATE, ("numbers", "0"))
    ]
    await rig.advance(60)
    # A new cart does not wait for the sweeper either.
    await rig.held(number)
    await rig.advance(901)
    assert (await rig.reserve(number)).refusals == ()
    await rig.quiet()
    await rig.check()


async def test_prices_are_frozen_on_the_item(rig: Rig) -> None:
    (number,) = rig.free()
    item = await rig.item(await rig.held(number))
    quote = rig.services.prices.quote(TelephoneNumber(number).type, number.npa, "CO")
    assert (item["monthly_cost"], item["setup_fee"]) == (quote.monthly.amount, quote.setup.amount)
    assert (item["npa"], item["state_code"], item["currency"]) == ("303", "CO", "USD")
    assert item["locality"] is not None


async def test_alternatives_come_from_pages_at_hand(rig: Rig) -> None:
    number, *others = rig.free(4)
    await rig.services.pages.page(
        rig.services.teliport, '(npa = "303") and (status = "available")', 0
    )
    rig.sandbox.world.moves.hold(rig.sandbox.position(number), "SOMEBODY-ELSE")
    accepted, _ = await asyncio.gather(_patient(rig).reserve(number), _carry_soon(rig))
    (refusal,) = accepted.refusals
    assert isinstance(refusal, NumberUnavailable)
    assert [alternative.number for alternative in refusal.alternatives] == others
    assert refusal.path == ("numbers", "0")
    assert isinstance(refusal, Refusal)


def _patient(rig: Rig) -> Rig:
    """The same rig with mutations that wait."""
    return rig.having(mutation_wait_seconds=20.0)


async def _carry_soon(rig: Rig) -> None:
    while not await rig.due():  # noqa: ASYNC110  an operation row, not an event
        await asyncio.sleep(0)
    await rig.settle_due()
