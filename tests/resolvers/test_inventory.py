"""Finding numbers: filters, cursors, prices, and a carrier that is away."""

from typing import Any

import pytest

from numbering.actors import Role
from numbering.place import Place
from numbering.refusals import Alternative, Invalid, NumberUnavailable
from resolvers import inventory
from tests.db import make
from tests.kit.desk import ALICE, PEOPLE, STAFF, Desk

SEARCH = """query($input: InventorySearch!, $first: Int, $after: String) {
  searchInventory(input: $input, first: $first, after: $after) {
    asOf stale teliportQuery totalCount suggestions { label available npa state rateCenter }
    pageInfo { hasNextPage hasPreviousPage endCursor }
    edges { cursor node { number } }
    nodes { number nationalFormat type features monthlyCost { amount } setupFee { amount }
      place { npa state } } } }"""


async def find(desk: Desk, asked: dict[str, Any], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await desk.data(SEARCH, {"input": asked, **more}))["searchInventory"]
    return found


async def test_a_search_is_priced_and_pages_without_gaps(desk: Desk) -> None:
    start = await find(desk, {"npas": ["303"], "type": "LOCAL"}, first=3)
    rest = await find(
        desk, {"npas": ["303"], "type": "LOCAL"}, first=3, after=start["pageInfo"]["endCursor"]
    )
    numbers = [node["number"] for node in start["nodes"] + rest["nodes"]]
    assert numbers == [f"+1{tn}" for tn in desk.sandbox.available("303", 6)]
    assert len(desk.sandbox.calls()) == 1
    first = start["nodes"][0]
    assert first["place"] == {"npa": "303", "state": "CO"}
    assert (first["type"], first["features"][0]) == ("LOCAL", "VOICE")
    assert first["monthlyCost"]["amount"].count(".") == 1
    assert first["setupFee"] is not None
    assert start["pageInfo"]["hasNextPage"]
    assert not start["pageInfo"]["hasPreviousPage"]
    assert rest["pageInfo"]["hasPreviousPage"]
    assert start["totalCount"] > 6
    assert (start["stale"], start["teliportQuery"], start["suggestions"]) == (False, None, [])


async def test_a_number_that_somebody_has_here_is_left_out(desk: Desk) -> None:
    taken, free = desk.sandbox.available("303", 2)
    await desk.keep(make.did(f"+1{taken}"))
    found = await find(desk, {"npas": ["303"]}, first=1)
    assert found["nodes"][0]["number"] == f"+1{free}"


async def test_the_end_of_an_empty_page_still_leads_on(desk: Desk) -> None:
    asked = {"npas": ["303"], "consecutive": 20}
    seen, after = 0, None
    for _ in range(50):
        found = await find(desk, asked, first=100, after=after)
        seen += len(found["nodes"])
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
        assert after is not None
    else:
        pytest.fail("the search does not end")


async def test_a_cursor_of_another_search_is_refused(desk: Desk) -> None:
    found = await find(desk, {"npas": ["303"]}, first=1)
    again = {"input": {"npas": ["720"]}, "after": found["pageInfo"]["endCursor"]}
    answer = await desk.ask(SEARCH, again)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert "another list" in answer.errors[0]["message"]


@pytest.mark.parametrize(
    ("asked", "argument"),
    [
        ({"npas": ['303" or status = "reserved']}, "input.npas"),
        ({"npas": ["911"]}, "input.npas"),
        ({"nxx": "5555"}, "input.nxx"),
        ({"state": "Colorado"}, "input.state"),
        ({"rateCenter": "DENVER"}, "input.rateCenter"),
        ({"contains": "12) or (1=1"}, "input.contains"),
        ({"locality": "\\"}, "input.locality"),
        ({"consecutive": 1}, "input.consecutive"),
    ],
)
async def test_nonsense_and_syntax_never_reach_the_carrier(
    desk: Desk, asked: dict[str, Any], argument: str
) -> None:
    answer = await desk.ask(SEARCH, {"input": asked})
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.errors[0]["extensions"]["argument"] == argument
    assert desk.sandbox.calls() == []


async def test_a_text_full_of_syntax_is_a_value(desk: Desk) -> None:
    found = await find(desk, {"locality": 'den" or status = "reserved'})
    assert (found["nodes"], found["totalCount"]) == ([], 0)


async def test_suggestions_come_when_nothing_is_left(desk: Desk) -> None:
    (there,) = desk.sandbox.available("720", 1)
    found = await find(desk, {"npas": ["303"], "endsWith": there[3:]})
    assert found["nodes"] == []
    (suggestion,) = [each for each in found["suggestions"] if each["npa"] == "720"]
    assert suggestion["available"] == 1
    assert "720" in suggestion["label"]


async def test_a_developer_searches_without_prices_and_staff_see_the_query(desk: Desk) -> None:
    asked = {"input": {"npas": ["303"]}, "first": 1}
    developer = (await desk.data(SEARCH, asked, PEOPLE[Role.DEVELOPER]))["searchInventory"]
    assert developer["nodes"][0]["monthlyCost"] is None
    assert developer["nodes"][0]["setupFee"] is None
    staff = (await desk.data(SEARCH, asked, STAFF))["searchInventory"]
    assert 'npa in ("303")' in staff["teliportQuery"]


@pytest.mark.parametrize(
    ("fault", "code"), [("429", "RATE_LIMITED"), ("503", "SERVICE_UNAVAILABLE")]
)
async def test_a_carrier_that_is_away_is_a_top_level_error(
    desk: Desk, fault: str, code: str
) -> None:
    await desk.sandbox.fault(fault, path="*/query")
    answer = await desk.ask(SEARCH, {"input": {"npas": ["303"]}})
    assert answer.codes == [code]


async def test_a_refusal_for_the_moment_says_when_to_come_back(desk: Desk) -> None:
    await desk.sandbox.fault("429", path="*/query", retry_after=7)
    answer = await desk.ask(SEARCH, {"input": {"npas": ["303"]}})
    assert answer.codes == ["RATE_LIMITED"]
    assert 7 <= answer.errors[0]["extensions"]["retryAfterSeconds"] <= 15


async def test_staff_check_a_raw_query(desk: Desk) -> None:
    query = """query($q: String!) { validateInventoryQuery(query: $q) {
      valid parsedQuery message position validOptions } }"""
    good = await desk.data(query, {"q": 'npa = "303"'}, STAFF)
    assert good["validateInventoryQuery"]["valid"] is True
    bad = await desk.data(query, {"q": "npa ~ 303"}, STAFF)
    assert bad["validateInventoryQuery"]["valid"] is False
    assert bad["validateInventoryQuery"]["position"] == 4
    assert bad["validateInventoryQuery"]["validOptions"] != []
    await desk.sandbox.fault("503", path="*/validate")
    answer = await desk.ask(query, {"q": "npa = 303"}, STAFF)
    assert answer.codes == ["SERVICE_UNAVAILABLE"]


async def test_the_carriers_totals(desk: Desk) -> None:
    query = """{ carrierInventory { spid total available reserved inUse portedIn portedOut
      quarantine blocks asOf } }"""
    await desk.sandbox.fault("503", path="*/summary", times=3)
    assert (await desk.data(query)) == {"carrierInventory": None}
    await desk.sandbox.clear_faults()
    totals = (await desk.data(query))["carrierInventory"]
    assert totals["spid"] == "567G"
    assert totals["total"] > totals["available"] > 0


async def test_alternatives_are_priced_today(desk: Desk) -> None:
    offered = Alternative("+13035550200", Place("303", "555", state="CO"))
    ctx = desk.context(ALICE)
    (found,) = inventory.alternatives(ctx, NumberUnavailable("+13035550201", [offered]))
    assert found.number == "+13035550200"
    assert found.quote == desk.services.prices.quote(found.type, "303", "CO")
    assert inventory.alternatives(ctx, Invalid("no")) == ()
