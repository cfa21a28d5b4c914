"""Who asks, their customers, and the staff's list of all."""

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from db import seed
from db.ids import new_id
from numbering.actors import Actor, Role
from numbering.lifecycle import ReservationItemState, RoutingType
from resolvers.batches import present
from resolvers.ids import NodeKind, encode
from tests.db import make
from tests.kit.desk import ALICE, BOB, PEOPLE, STAFF, Desk, person

VIEWER = """{ viewer { subject name email roles permissions serverTime customer { name }
  customers { name } } }"""


async def test_a_customer_sees_who_they_are(desk: Desk) -> None:
    viewer = (await desk.data(VIEWER))["viewer"]
    assert viewer["subject"] == "customer_admin"
    assert viewer["roles"] == ["CUSTOMER_ADMIN"]
    assert "PROCURE" in viewer["permissions"]
    assert "STAFF" not in viewer["permissions"]
    assert viewer["customer"] == {"name": "Aspen Outfitters"}
    assert viewer["customers"] == [{"name": "Aspen Outfitters"}]
    assert viewer["serverTime"].endswith("Z")


async def test_somebody_with_two_customers_sees_both_before_choosing(desk: Desk) -> None:
    both = (seed.CUSTOMER_B, seed.CUSTOMER_A)
    viewer = (await desk.data(VIEWER, actor=person(Role.VIEWER, *both)))["viewer"]
    assert viewer["customer"] is None
    assert [each["name"] for each in viewer["customers"]] == ["Aspen Outfitters", "Boulder Dental"]
    chosen = person(Role.VIEWER, *both, active=seed.CUSTOMER_B)
    assert (await desk.data(VIEWER, actor=chosen))["viewer"]["customer"]["name"] == "Boulder Dental"


async def test_staff_have_no_customer_of_their_own(desk: Desk) -> None:
    viewer = (await desk.data(VIEWER, actor=STAFF))["viewer"]
    assert (viewer["customer"], viewer["customers"]) == (None, [])
    assert "STAFF" in viewer["permissions"]


async def test_a_customer_that_is_gone_is_left_out(desk: Desk) -> None:
    stranger = uuid4()
    lost = Actor("x", None, None, frozenset({Role.VIEWER}), (stranger,), stranger)
    viewer = (await desk.data(VIEWER, actor=lost))["viewer"]
    assert (viewer["name"], viewer["customer"], viewer["customers"]) == (None, None, [])


async def test_a_customer_with_what_belongs_to_it(desk: Desk) -> None:
    query = """query($id: ID!) { customer(id: $id) { id name
      trunks { id name customer { name } } e911Addresses { id label } summary { total active porting
      releasing smsEnabled unrouted held monthlyTotal { amount } } } }"""
    cart = make.cart()
    await desk.keep(
        make.did("+13035550200", sms_enabled=True),
        make.did("+13035550201", routing_type=RoutingType.TRUNK),
        cart,
        make.item(cart, "+13035550202", state=ReservationItemState.PENDING),
    )
    asked = {"id": encode(NodeKind.CUSTOMER, seed.CUSTOMER_A)}
    customer = (await desk.data(query, asked))["customer"]
    assert [trunk["name"] for trunk in customer["trunks"]] == ["aspen-dallas-1", "aspen-denver-1"]
    assert customer["trunks"][0]["customer"] == {"name": "Aspen Outfitters"}
    assert [address["label"] for address in customer["e911Addresses"]] == ["Headquarters"]
    assert customer["summary"] == {
        "total": 2,
        "active": 2,
        "porting": 0,
        "releasing": 0,
        "smsEnabled": 1,
        "unrouted": 1,
        "held": 1,
        "monthlyTotal": {"amount": "2.50"},
    }
    seen = (await desk.data(query, asked, PEOPLE[Role.VIEWER]))["customer"]
    assert seen["summary"]["monthlyTotal"] is None


async def test_a_customer_without_trunks_has_an_empty_list(
    desk: Desk, owner: "asyncpg.Connection[Any]"
) -> None:
    fresh = new_id()
    await owner.execute(
        "INSERT INTO accounts.customers (id, name, ban) VALUES ($1, 'New', 'WARP-2000')", fresh
    )
    query = "query($id: ID!) { customer(id: $id) { trunks { id } e911Addresses { id } } }"
    asked = {"id": encode(NodeKind.CUSTOMER, fresh)}
    assert await desk.data(query, asked, STAFF) == {"customer": {"trunks": [], "e911Addresses": []}}


CUSTOMERS = """query($first: Int, $after: String, $search: String) {
  customers(first: $first, after: $after, search: $search) {
    totalCount nodes { name } pageInfo { endCursor hasNextPage } } }"""


async def test_staff_page_through_customers_and_search_them(desk: Desk) -> None:
    start = (await desk.data(CUSTOMERS, {"first": 1}, STAFF))["customers"]
    assert start["nodes"] == [{"name": "Aspen Outfitters"}]
    assert start["totalCount"] == 2
    after = start["pageInfo"]["endCursor"]
    rest = (await desk.data(CUSTOMERS, {"after": after}, STAFF))["customers"]
    assert rest["nodes"] == [{"name": "Boulder Dental"}]
    found = (await desk.data(CUSTOMERS, {"search": "dental"}, STAFF))["customers"]
    assert (found["totalCount"], found["nodes"]) == (1, [{"name": "Boulder Dental"}])
    nothing = (await desk.data(CUSTOMERS, {"search": "%"}, STAFF))["customers"]
    assert nothing["nodes"] == []
    assert (await desk.ask(CUSTOMERS, {"search": "x" * 101}, STAFF)).codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("actor", [ALICE, BOB])
async def test_nobody_else_may_list_customers(desk: Desk, actor: Actor) -> None:
    answer = await desk.ask(CUSTOMERS, actor=actor)
    assert answer.codes == ["FORBIDDEN"]
    assert "staff only" in answer.errors[0]["message"]


def test_a_broken_foreign_key_is_a_fault() -> None:
    assert present(0) == 0
    with pytest.raises(LookupError):
        present(None)
