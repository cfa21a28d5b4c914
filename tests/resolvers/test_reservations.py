"""Holds as they are read: totals, states by the clock, pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

from db import seed
from db.tables import Reservation, ReservationItem
from numbering.actors import Role
from numbering.lifecycle import ReservationItemState, ReservationState
from numbering.refusals import HeldByOther
from resolvers.ids import NodeKind, encode
from tests.db import make
from tests.kit.desk import BOB, PEOPLE, STAFF, Desk

LATER = datetime(2100, 1, 1, tzinfo=UTC)
ONE = """query($id: ID!) { reservation(id: $id) {
  id state sequence createdBy createdAt expiresAt serverTime customer { name }
  monthlyTotal { amount } setupTotal { amount }
  items { id number state expiresAt monthlyCost { amount } setupFee { amount } place { npa state }
    did { number } error { code message path retryable ... on NumberUnavailableError { number
    alternatives { number } } } } } }"""


def held(cart: Reservation, number: str, position: int, **values: Any) -> ReservationItem:
    state = values.pop("state", ReservationItemState.HELD)
    return make.item(cart, number, position=position, state=state, **values)


async def test_a_reservation_shows_its_numbers_in_order(desk: Desk) -> None:
    cart = make.cart(state=ReservationState.HELD, expires_at=LATER, sequence=3)
    did = make.did("+13035550203")
    await desk.keep(
        cart,
        did,
        held(cart, "+13035550201", 0, expires_at=LATER, state_code="CO"),
        held(
            cart,
            "+13035550202",
            1,
            state=ReservationItemState.FAILED,
            error=HeldByOther("+13035550202", path=("numbers", "1")).as_json(),
        ),
        held(cart, "+13035550203", 2, state=ReservationItemState.ASSIGNED, did_id=did.id),
    )
    shown = (await desk.data(ONE, {"id": encode(NodeKind.RESERVATION, cart.id)}))["reservation"]
    assert (shown["state"], shown["sequence"], shown["createdBy"]) == ("HELD", 3, "ada")
    assert shown["customer"] == {"name": "Aspen Outfitters"}
    assert shown["monthlyTotal"] == {"amount": "2.50"}
    assert shown["setupTotal"] == {"amount": "0.00"}
    assert shown["expiresAt"] == "2100-01-01T00:00:00Z"
    now = datetime.fromisoformat(shown["serverTime"])
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
    first, second, third = shown["items"]
    assert first["place"] == {"npa": "303", "state": "CO"}
    assert first["monthlyCost"] == {"amount": "1.25"}
    assert (first["did"], first["error"]) == (None, None)
    assert second["error"]["code"] == "HELD_BY_OTHER"
    assert second["error"]["path"] == ["numbers", "1"]
    assert second["error"]["number"] == "+13035550202"
    assert second["error"]["alternatives"] == []
    assert third["did"] == {"number": "+13035550203"}


async def test_a_hold_that_ran_out_reads_as_expired(desk: Desk) -> None:
    past = datetime.now(UTC) - timedelta(seconds=5)
    cart = make.cart(state=ReservationState.HELD, expires_at=past)
    await desk.keep(cart, held(cart, "+13035550201", 0, expires_at=past))
    shown = (await desk.data(ONE, {"id": encode(NodeKind.RESERVATION, cart.id)}))["reservation"]
    assert (shown["state"], shown["items"][0]["state"]) == ("EXPIRED", "EXPIRED")
    assert shown["monthlyTotal"] == {"amount": "0.00"}


async def test_prices_are_null_for_those_who_may_not_see_them(desk: Desk) -> None:
    cart = make.cart()
    await desk.keep(cart, held(cart, "+13035550201", 0, expires_at=LATER))
    asked = {"id": encode(NodeKind.RESERVATION, cart.id)}
    shown = (await desk.data(ONE, asked, PEOPLE[Role.VIEWER]))["reservation"]
    assert (shown["monthlyTotal"], shown["setupTotal"]) == (None, None)
    assert (shown["items"][0]["monthlyCost"], shown["items"][0]["setupFee"]) == (None, None)


async def test_a_malformed_id_is_refused(desk: Desk) -> None:
    for bad in ("garbage", encode(NodeKind.DID, seed.CUSTOMER_A)):
        assert (await desk.ask(ONE, {"id": bad})).codes == ["BAD_USER_INPUT"]


async def test_a_list_of_reservations_pages_newest_first(desk: Desk) -> None:
    query = """query($first: Int, $after: String, $states: [ReservationState!]) {
      reservations(first: $first, after: $after, states: $states) {
        totalCount nodes { id } pageInfo { endCursor hasNextPage } } }"""
    carts = [make.cart() for _ in range(3)]
    done = make.cart(state=ReservationState.DONE)
    other = make.cart(customer_id=seed.CUSTOMER_B)
    for cart in (*carts, done, other):
        await desk.keep(cart)
    start = (await desk.data(query, {"first": 2}))["reservations"]
    rest = (await desk.data(query, {"after": start["pageInfo"]["endCursor"]}))["reservations"]
    ids = [node["id"] for node in start["nodes"] + rest["nodes"]]
    assert ids == [encode(NodeKind.RESERVATION, cart.id) for cart in (done, *reversed(carts))]
    assert start["totalCount"] == 4
    only = (await desk.data(query, {"states": ["DONE"]}))["reservations"]
    assert (only["totalCount"], len(only["nodes"])) == (1, 1)
    assert (await desk.data(query, actor=BOB))["reservations"]["totalCount"] == 1
    assert (await desk.data(query, actor=STAFF))["reservations"]["totalCount"] == 5
