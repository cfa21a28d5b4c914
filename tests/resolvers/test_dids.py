"""Dids and their neighbours: pages, filters, lookups, and what a page costs."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from db import seed
from db.ids import new_id
from db.tables import Did
from numbering.actors import Role
from numbering.lifecycle import DidStatus, OperationState, RoutingType
from numbering.telephone import NumberType
from resolvers.ids import NodeKind, encode
from tests.db import make
from tests.kit.desk import ALICE, BOB, PEOPLE, STAFF, Desk, person

PAGE = """query($first: Int, $after: String, $last: Int, $before: String, $order: DidOrder,
  $where: DidWhere) {
  dids(first: $first, after: $after, last: $last, before: $before, orderBy: $order, where: $where) {
    nodes { number } totalCount edges { cursor node { number } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


def numbers(count: int, start: int = 200) -> list[str]:
    return [f"+1303555{n:04d}" for n in range(start, start + count)]


async def page(desk: Desk, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await desk.data(PAGE, variables))["dids"]
    return found


def shown(found: dict[str, Any]) -> list[str]:
    assert [edge["node"] for edge in found["edges"]] == found["nodes"]
    return [node["number"] for node in found["nodes"]]


async def test_a_page_with_customer_and_trunk_takes_a_constant_number_of_statements(
    desk: Desk,
) -> None:
    query = """query($n: Int) { dids(first: $n) { totalCount nodes { number
        customer { name } routing { trunk { name } } } } }"""
    await desk.keep(*(make.did(n, trunk_id=seed.TRUNK_A1) for n in numbers(100)))
    costs = []
    for size in (2, 100):
        with desk.statements() as seen:
            found = (await desk.data(query, {"n": size}))["dids"]
        assert len(found["nodes"]) == size
        assert found["totalCount"] == 100
        costs.append(len(seen))
    assert costs == [4, 4]


async def test_the_total_is_counted_only_when_it_is_asked_for(desk: Desk) -> None:
    with desk.statements() as seen:
        await desk.data("{ dids { nodes { id } } }")
    assert len(seen) == 1


async def test_pages_go_forwards_and_backwards(desk: Desk) -> None:
    all_numbers = numbers(5)
    await desk.keep(*(make.did(number) for number in all_numbers))
    start = await page(desk, first=2)
    assert shown(start) == all_numbers[:2]
    assert start["totalCount"] == 5
    assert start["pageInfo"]["hasNextPage"]
    assert not start["pageInfo"]["hasPreviousPage"]
    rest = await page(desk, first=10, after=start["pageInfo"]["endCursor"])
    assert shown(rest) == all_numbers[2:]
    assert not rest["pageInfo"]["hasNextPage"]
    assert rest["pageInfo"]["hasPreviousPage"]
    end = await page(desk, last=2)
    assert shown(end) == all_numbers[3:]
    assert end["pageInfo"]["hasPreviousPage"]
    middle = await page(desk, last=2, before=end["pageInfo"]["startCursor"])
    assert shown(middle) == all_numbers[1:3]


@pytest.mark.parametrize("order", ["ACQUIRED_AT_ASC", "ACQUIRED_AT_DESC", "NUMBER_DESC", None])
async def test_every_order_has_its_cursors(desk: Desk, order: str | None) -> None:
    await desk.keep(*(make.did(number) for number in numbers(4)))
    whole = shown(await page(desk, order=order))
    assert sorted(whole) == numbers(4)
    start = await page(desk, order=order, first=2)
    rest = await page(desk, order=order, first=2, after=start["pageInfo"]["endCursor"])
    assert shown(start) + shown(rest) == whole


async def test_a_cursor_belongs_to_its_order_and_filter(desk: Desk) -> None:
    await desk.keep(*(make.did(number) for number in numbers(3)))
    cursor = (await page(desk, first=1))["pageInfo"]["endCursor"]
    for other in ({"order": "NUMBER_DESC"}, {"where": {"ported": False}}):
        answer = await desk.ask(PAGE, {"after": cursor, **other})
        assert answer.codes == ["BAD_USER_INPUT"]
        assert "another list" in answer.errors[0]["message"]


@pytest.mark.parametrize("bad", [0, -1, 101])
@pytest.mark.parametrize("argument", ["first", "last"])
async def test_a_page_has_bounds(desk: Desk, argument: str, bad: int) -> None:
    answer = await desk.ask(PAGE, {argument: bad})
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.errors[0]["message"].startswith(f"{argument}: must be between 1 and 100")


KNOWN = {"plain": "+13035550200", "other": "+18885550300"}
NARROWED: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"plain", "other"}),
    ({"statuses": ["DISCONNECTED"]}, {"other"}),
    ({"statuses": []}, set()),
    ({"type": "TOLL_FREE"}, {"other"}),
    ({"numberStartsWith": "303"}, {"plain"}),
    ({"numberStartsWith": "+1888"}, {"other"}),
    ({"numberEndsWith": "0200"}, {"plain"}),
    ({"contains": "8855"}, {"other"}),
    ({"customerId": encode(NodeKind.CUSTOMER, seed.CUSTOMER_B)}, set()),
    ({"trunkId": encode(NodeKind.TRUNK, seed.TRUNK_A1)}, {"other"}),
    ({"ported": True}, {"other"}),
    ({"smsEnabled": True}, {"other"}),
    ({"inSync": True}, {"other"}),
    ({"inSync": False}, {"plain"}),
    ({"acquiredAfter": "2020-01-01T00:00:00Z"}, {"plain"}),
    ({"acquiredBefore": "2020-01-01T00:00:00Z"}, {"other"}),
    ({"friendlyName": "FRONT"}, {"other"}),
    ({"friendlyName": None, "statuses": None}, {"plain", "other"}),
]


async def test_every_filter_narrows(desk: Desk) -> None:
    await desk.keep(
        make.did(KNOWN["plain"]),
        make.did(
            KNOWN["other"],
            number_type=NumberType.TOLL_FREE,
            status=DidStatus.DISCONNECTED,
            trunk_id=seed.TRUNK_A1,
            ported=True,
            sms_enabled=True,
            pushed_version=1,
            friendly_name="Front desk",
            acquired_at=datetime(2019, 5, 5, tzinfo=UTC),
        ),
    )
    for where, found in NARROWED:
        assert set(shown(await page(desk, where=where))) == {KNOWN[each] for each in found}, where


@pytest.mark.parametrize(
    ("where", "argument"),
    [
        ({"numberStartsWith": "(303"}, "where.numberStartsWith"),
        ({"numberEndsWith": "x' OR 1=1"}, "where.numberEndsWith"),
        ({"contains": ""}, "where.contains"),
        ({"friendlyName": "x" * 101}, "where.friendlyName"),
        ({"customerId": "garbage"}, "where.customerId"),
        ({"trunkId": encode(NodeKind.CUSTOMER, seed.CUSTOMER_A)}, "where.trunkId"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_named(
    desk: Desk, where: dict[str, Any], argument: str
) -> None:
    answer = await desk.ask(PAGE, {"where": where})
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.errors[0]["extensions"]["argument"] == argument


BY = "query($by: DidBy!) { did(by: $by) { number status } }"


async def test_a_did_is_found_by_id_and_by_number_in_any_notation(desk: Desk) -> None:
    did = make.did("+13035550200")
    await desk.keep(did)
    wanted = {"did": {"number": "+13035550200", "status": "ACTIVE"}}
    assert await desk.data(BY, {"by": {"id": encode(NodeKind.DID, did.id)}}) == wanted
    assert await desk.data(BY, {"by": {"number": "(303) 555-0200"}}) == wanted


async def test_the_live_did_of_a_number_comes_before_a_disconnected_one(desk: Desk) -> None:
    old = make.did("+13035550200", status=DidStatus.DISCONNECTED)
    await desk.keep(old)
    by_number = {"by": {"number": "3035550200"}}
    assert (await desk.data(BY, by_number))["did"]["status"] == "DISCONNECTED"
    await desk.keep(make.did("+13035550200"))
    assert (await desk.data(BY, by_number))["did"]["status"] == "ACTIVE"


async def test_an_unknown_did_is_null_and_nonsense_is_refused(desk: Desk) -> None:
    nobody = {"by": {"id": encode(NodeKind.DID, uuid4())}}
    assert await desk.data(BY, nobody) == {"did": None}
    assert await desk.data(BY, {"by": {"number": "3035550299"}}) == {"did": None}
    for by in ({"id": "garbage"}, {"number": "911"}, {"number": "303-CALL-NOW"}):
        assert (await desk.ask(BY, {"by": by})).codes == ["BAD_USER_INPUT"]
    for by in ({}, {"id": "a", "number": "b"}):
        assert (await desk.ask(BY, {"by": by})).data is None


COSTS = "{ dids { nodes { number monthlyCost { amount currency } setupFee { amount } } } }"


@pytest.mark.parametrize("role", list(Role))
async def test_prices_are_null_for_those_who_may_not_see_them(desk: Desk, role: Role) -> None:
    await desk.keep(make.did("+13035550200"))
    (node,) = (await desk.data(COSTS, actor=PEOPLE[role]))["dids"]["nodes"]
    if role in {Role.VIEWER, Role.DEVELOPER}:
        assert (node["monthlyCost"], node["setupFee"]) == (None, None)
    else:
        assert node["monthlyCost"] == {"amount": "1.25", "currency": "USD"}
        assert node["setupFee"] == {"amount": "0.50"}


async def test_every_column_has_its_field(desk: Desk) -> None:
    did = make.did(
        "+13035550200",
        friendly_name="Front",
        locality="DENVER",
        state="CO",
        lata=656,
        rate_center="DENVER",
        time_zone="America/Denver",
        routing_type=RoutingType.FORWARD,
        routing_destination="+13035550300",
        campaign_id="C1",
        custom_fields={"room": 7},
        e911_address_id=seed.ADDRESS_A,
    )
    await desk.keep(did)
    query = """{ dids { nodes { id nationalFormat type friendlyName voiceEnabled smsEnabled
      mmsEnabled faxEnabled cnam portedFrom portedAt releasedAt releaseReason customFields inSync
      place { npa nxx locality state lata rateCenter timeZone }
      routing { type destination failoverDestination trunk { id } }
      messaging { campaignId brandId tcrStatus portStatus }
      e911Address { label line city state postalCode validated } pendingOperation { id }
      customer { name ban email } } } }"""
    (node,) = (await desk.data(query))["dids"]["nodes"]
    assert node == {
        "id": encode(NodeKind.DID, did.id),
        "nationalFormat": "(303) 555-0200",
        "type": "LOCAL",
        "friendlyName": "Front",
        "voiceEnabled": True,
        "smsEnabled": False,
        "mmsEnabled": False,
        "faxEnabled": False,
        "cnam": None,
        "portedFrom": None,
        "portedAt": None,
        "releasedAt": None,
        "releaseReason": None,
        "customFields": {"room": 7},
        "inSync": False,
        "place": {
            "npa": "303",
            "nxx": "555",
            "locality": "DENVER",
            "state": "CO",
            "lata": 656,
            "rateCenter": "DENVER",
            "timeZone": "America/Denver",
        },
        "routing": {
            "type": "FORWARD",
            "destination": "+13035550300",
            "failoverDestination": None,
            "trunk": None,
        },
        "messaging": {
            "campaignId": "C1",
            "brandId": None,
            "tcrStatus": None,
            "portStatus": "NOT_APPLICABLE",
        },
        "e911Address": {
            "label": "Headquarters",
            "line": "1700 Lincoln St",
            "city": "Denver",
            "state": "CO",
            "postalCode": "80203",
            "validated": True,
        },
        "pendingOperation": None,
        "customer": {
            "name": "Aspen Outfitters",
            "ban": "WARP-1001",
            "email": "ops@aspen.example",
        },
    }


async def test_what_is_under_way_shows_on_a_live_did_only(desk: Desk) -> None:
    query = "{ dids { nodes { status pendingOperation { kind state number nextAttemptAt } } } }"
    await desk.keep(make.did("+13035550200"), make.operation("+13035550200"))
    await desk.keep(make.did("+13035550200", status=DidStatus.DISCONNECTED))
    nodes = (await desk.data(query))["dids"]["nodes"]
    by_status = {node["status"]: node["pendingOperation"] for node in nodes}
    assert by_status["DISCONNECTED"] is None
    assert by_status["ACTIVE"]["kind"] == "NUMBER_HOLD"
    assert by_status["ACTIVE"]["number"] == "+13035550200"
    assert by_status["ACTIVE"]["nextAttemptAt"] is not None


async def test_readiness_answers_every_aspect(desk: Desk) -> None:
    query = "{ dids { nodes { readiness { aspect ready reason } } } }"
    await desk.keep(make.did("+13035550200", e911_address_id=seed.ADDRESS_A))
    await desk.keep(make.did("+13035550201", pushed_version=1, routing_type=RoutingType.TRUNK))
    first, second = (await desk.data(query))["dids"]["nodes"]
    ready = {item["aspect"]: item["ready"] for item in first["readiness"]}
    assert ready == {
        "VOICE": True,
        "MESSAGING": False,
        "CNAM": False,
        "E911": True,
        "ROUTING": False,
        "SYNC": False,
    }
    ready = {item["aspect"]: item["ready"] for item in second["readiness"]}
    assert (ready["E911"], ready["ROUTING"], ready["SYNC"]) == (False, True, True)


async def test_somebody_with_several_customers_has_to_name_one(desk: Desk) -> None:
    undecided = person(Role.CUSTOMER_ADMIN, seed.CUSTOMER_A, seed.CUSTOMER_B)
    answer = await desk.ask("{ dids { nodes { id } } }", actor=undecided)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert "x-customer-id" in answer.errors[0]["message"]


async def test_staff_see_all_and_may_narrow_to_one(desk: Desk) -> None:
    await desk.keep(make.did("+13035550200"), make.did("+13035550201", customer_id=seed.CUSTOMER_B))
    where = {"customerId": encode(NodeKind.CUSTOMER, seed.CUSTOMER_B)}
    everything = (await desk.data(PAGE, actor=STAFF))["dids"]["nodes"]
    narrowed = (await desk.data(PAGE, {"where": where}, actor=STAFF))["dids"]["nodes"]
    assert len(everything) == 2
    assert narrowed == [{"number": "+13035550201"}]
    assert shown(await page(desk)) == ["+13035550200"]


CARRIER = """{ dids(first: 100) { nodes { number carrier { asOf unavailable
  record { number status spid portedIn metadata place { npa } } } } } }"""


async def put_to_use(desk: Desk, count: int) -> list[Did]:
    dids = [make.did(f"+1{tn}", id=new_id()) for tn in desk.sandbox.available("303", count)]
    await desk.use(*dids)
    await desk.keep(*dids)
    return dids


async def test_a_page_of_100_live_records_costs_one_call(desk: Desk) -> None:
    await put_to_use(desk, 100)
    before = len(desk.sandbox.calls())
    nodes = (await desk.data(CARRIER))["dids"]["nodes"]
    assert len(desk.sandbox.calls()) == before + 1
    assert len(nodes) == 100
    assert {node["carrier"]["unavailable"] for node in nodes} == {None}
    record = nodes[0]["carrier"]["record"]
    assert (record["number"], record["status"]) == (nodes[0]["number"], "IN_USE")
    assert record["place"]["npa"] == "303"
    assert record["portedIn"] is False
    assert record["metadata"] == {}


async def test_staff_see_the_raw_metadata(desk: Desk) -> None:
    (did,) = await put_to_use(desk, 1)
    (node,) = (await desk.data(CARRIER, actor=STAFF))["dids"]["nodes"]
    assert node["carrier"]["record"]["metadata"] == {"warp_did_id": str(did.id), "ban": "secret"}


async def test_why_there_is_no_record(desk: Desk) -> None:
    (tn,) = desk.sandbox.available("303", 1)
    await desk.keep(
        make.did(f"+1{tn}"),
        make.did("+19995550200"),
        make.did("+19995550300", status=DidStatus.DISCONNECTED),
    )
    nodes = (await desk.data(CARRIER))["dids"]["nodes"]
    reasons = {node["number"]: node["carrier"]["unavailable"] for node in nodes}
    assert reasons == {
        f"+1{tn}": "NOT_OURS",
        "+19995550200": "NOT_FOUND",
        "+19995550300": "NOT_OURS",
    }
    assert all(node["carrier"]["record"] is None for node in nodes)


@pytest.mark.parametrize(
    ("status", "reason"), [(429, "RATE_LIMITED"), (503, "UPSTREAM_UNAVAILABLE")]
)
async def test_a_silent_carrier_is_never_an_error(desk: Desk, status: int, reason: str) -> None:
    await desk.keep(make.did("+13035550200"))
    await desk.sandbox.fault(str(status), path="*/query")
    (node,) = (await desk.data(CARRIER))["dids"]["nodes"]
    assert node["carrier"] == {"asOf": None, "unavailable": reason, "record": None}


async def test_lists_of_a_customer_are_that_customers(desk: Desk) -> None:
    await desk.keep(make.did("+13035550200"), make.did("+13035550201", customer_id=seed.CUSTOMER_B))
    query = """query($id: ID!, $where: DidWhere) { customer(id: $id) {
      dids(where: $where, orderBy: null) { nodes { number } totalCount } } }"""
    other = encode(NodeKind.CUSTOMER, seed.CUSTOMER_B)
    variables = {
        "id": encode(NodeKind.CUSTOMER, seed.CUSTOMER_A),
        "where": {"customerId": other},
    }
    found = (await desk.data(query, variables, actor=STAFF))["customer"]["dids"]
    assert found == {"nodes": [{"number": "+13035550200"}], "totalCount": 1}
    assert (await desk.data(query, variables, actor=ALICE))["customer"]["dids"] == found
    assert (await desk.data(query, variables, actor=BOB)) == {"customer": None}


async def test_an_operation_that_runs_has_no_next_attempt(desk: Desk) -> None:
    await desk.keep(
        make.did("+13035550200"), make.operation("+13035550200", state=OperationState.RUNNING)
    )
    query = "{ dids { nodes { pendingOperation { state nextAttemptAt } } } }"
    (node,) = (await desk.data(query))["dids"]["nodes"]
    assert node["pendingOperation"] == {"state": "RUNNING", "nextAttemptAt": None}
