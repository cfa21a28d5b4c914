"""The query language over HTTP: what each form means, and how a bad query is answered."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.query.errors import QueryFault
from teliport.sandbox.query.parser import parse
from teliport.sandbox.world import World
from tests.kit.sandbox import Sandbox
from tests.teliport.sandbox import steps

Record = dict[str, Any]
Holds = Callable[[Record], bool]


def _low(value: object) -> str:
    return str(value).lower()


def _denver(record: Record) -> bool:
    return "denver" in _low(record["locality"]) or "denver" in _low(record["lataName"])


def _meta(record: Record, key: str) -> object:
    return (record["applicationMetadata"] or {}).get(key)


MEANINGS: list[tuple[str, Holds]] = [
    ("status=available and npa=303", lambda r: r["status"] == "AVAILABLE" and r["npa"] == "303"),
    ("STATUS = Available AND npa in (303, 720,970)",
     lambda r: r["status"] == "AVAILABLE" and r["npa"] in ("303", "720", "970")),
    ('locality or lata_name contains "denver" and status=available',
     lambda r: _denver(r) and r["status"] == "AVAILABLE"),
    ("(status=available or status=reserved) and npa=303",
     lambda r: r["status"] in ("AVAILABLE", "RESERVED") and r["npa"] == "303"),
    # "and" binds tighter than "or".
    ("state=hi or state=ak and npa=303", lambda r: r["state"] == "HI"),
    ("npa=303 and state=ak or state=hi", lambda r: r["state"] == "HI"),
    ("metadata.customer_type=postpaid", lambda r: _meta(r, "customer_type") == "postpaid"),
    ("lata in (656,658) and status=available and ported=in",
     lambda r: (r["lata"] in (656, 658) and r["status"] == "AVAILABLE"
                and r["portDirection"] == "IN")),
    ("ported = none", lambda r: r["portDirection"] is None),
    ("ported != none", lambda r: r["portDirection"] is not None),
    ("state=or", lambda r: r["state"] == "OR"),
    ("state != or", lambda r: r["state"] != "OR"),
    ("rate_center = denver", lambda r: r["rateCenter"] == "DENVER"),
    ("rate_center starts_with DENVER", lambda r: str(r["rateCenter"]).startswith("DENVER")),
    ("lata_name ends_with texas", lambda r: _low(r["lataName"]).endswith("texas")),
    ("nxx starts_with 9", lambda r: r["nxx"][0] == "9"),
    ("tn starts_with 3035", lambda r: r["telephoneNumber"].startswith("3035")),
    ("tn contains 0123", lambda r: "0123" in r["telephoneNumber"]),
    ("tn ends_with 00", lambda r: r["telephoneNumber"].endswith("00")),
    ('tn in ("3035551234", 9999999999, abc)', lambda r: r["telephoneNumber"] == "3035551234"),
    ("tn contains abc", lambda r: False),
    ("tn = 303555123", lambda r: False),
    ("reserved_by starts_with PARTNER",
     lambda r: str(r["reservedBy"]).startswith("PARTNER")),
    ("application_id = hosted-pbx", lambda r: r["applicationId"] == "HOSTED-PBX"),
    ("spid = 567g and npa = 808", lambda r: r["npa"] == "808"),
    ("spid = 9999", lambda r: False),
    ("status contains ported", lambda r: r["status"] == "PORTED_OUT"),
]  # fmt: skip


@pytest.fixture(scope="module")
def sample() -> list[Record]:
    """Every 97th number's record, and those of the plan's example block."""
    world = World(SandboxConfig())
    inventory = world.inventory
    start = inventory.seeded.find(3035551220)
    assert start is not None
    positions = {*range(0, len(inventory.seeded), 97), *range(start, start + 20)}
    records = [inventory.record(position) for position in sorted(positions)]
    world.close()
    return records


@pytest.mark.parametrize(("text", "holds"), MEANINGS, ids=[text for text, _ in MEANINGS])
async def test_a_query_finds_exactly_the_numbers_that_it_means(
    http: httpx.AsyncClient, sample: list[Record], text: str, holds: Holds
) -> None:
    tns = ",".join(record["telephoneNumber"] for record in sample)
    page = await steps.query(http, f"tn in ({tns}) and ({text})", size=10_000)
    expected = [record for record in sample if holds(record)]
    assert page["content"] == expected
    assert page["totalElements"] == len(expected)
    # And nothing else in the whole inventory, as far as one page shows.
    everywhere = await steps.query(http, text, size=200)
    assert all(holds(record) for record in everywhere["content"])


async def test_several_fields_with_closed_values_are_one_term(http: httpx.AsyncClient) -> None:
    both = await steps.total(http, "status or ported = out")
    assert both == await steps.total(http, "ported = out")


async def test_a_changed_number_is_found_by_what_it_is_now(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    tn, other = carrier.available("303", 2)
    await steps.reserve(http, tn)
    await steps.assign(http, other, ban="TB-1", live=True, size=3)
    for text, expected in {
        "reserved_by = warp-a-1": [tn],
        "application_id = warp": [other],
        "metadata.ban = tb-1": [other],
        "metadata.live = true": [other],
        "metadata.size in (3, 4)": [other],
        "metadata.nothing = 1": [],
        f"tn in ({tn}, {other}) and status = available": [],
    }.items():
        page = await steps.query(http, text)
        assert [record["telephoneNumber"] for record in page["content"]] == expected, text
    assert await steps.total(http, f"tn = {tn} and metadata.ban != tb-1") == 1
    await steps.release(http, tn)
    await steps.release(http, other)
    assert await steps.total(http, "reserved_by = warp-a-1 or application_id = warp") == 0
    assert await steps.total(http, f"tn in ({tn}, {other}) and status = available") == 2


async def test_a_changed_number_is_no_longer_found_by_what_it_was(http: httpx.AsyncClient) -> None:
    text = "application_id = hosted-pbx and metadata.customer_type = postpaid"
    before = await steps.query(http, text, size=1)
    await steps.release(http, before["content"][0]["telephoneNumber"])
    after = await steps.query(http, text, size=1)
    assert after["totalElements"] == before["totalElements"] - 1
    assert after["content"] != before["content"]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_masks_agree_with_records_after_many_moves(
    carrier: Sandbox, http: httpx.AsyncClient, seed: int
) -> None:
    lots = random.Random(seed)
    tns = carrier.available("907", 30)
    for _ in range(120):
        move = lots.choice([steps.reserve, steps.assign, steps.release])
        await move(http, lots.choice(tns))
    for status in ("available", "reserved", "in_use"):
        page = await steps.query(http, f"status={status} and npa=907", size=10_000)
        found = {record["telephoneNumber"] for record in page["content"]}
        assert {tn for tn in tns if carrier.state(tn)["status"] == status.upper()} == found & {*tns}


CANONICAL = [
    ("npa=303", '(npa = "303")'),
    ("a_b", None),
    ("a = 1", None),
    ('npa = "3\\"0\\\\3"', '(npa = "3\\"0\\\\3")'),
    ("npa=1 or npa=2 and npa=3", '((npa = "1") or ((npa = "2") and (npa = "3")))'),
    ("(npa=1 or npa=2) and npa=3", '(((npa = "1") or (npa = "2")) and (npa = "3"))'),
    ("tn or npa or nxx contains 1", '(tn or npa or nxx contains "1")'),
    ("Npa IN (1 , 2)", '(npa in ("1", "2"))'),
    ("metadata.Ban starts_with x", '(metadata.Ban starts_with "x")'),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
async def test_validate_shows_the_query_as_it_was_read(
    http: httpx.AsyncClient, text: str, canonical: str | None
) -> None:
    answer = await http.post("/inventory/query/validate", json={"query": text})
    if canonical is None:
        assert answer.status_code == 400
        return
    assert answer.json() == {"valid": True, "parsedQuery": canonical}
    # The canonical text means itself.
    again = await http.post("/inventory/query/validate", json={"query": canonical})
    assert again.json()["parsedQuery"] == canonical


FIELDS = "status"
STATUSES = ["AVAILABLE", "RESERVED", "IN_USE", "PORTED_OUT", "QUARANTINE"]
BAD = [
    ("", 0, FIELDS),
    ("   ", 0, FIELDS),
    ("npa", 3, "="),
    ("npa=", 4, None),
    ("npa=303 and", 11, FIELDS),
    ("npa=303 or", 10, FIELDS),
    ("colour=red", 0, FIELDS),
    ("metadata.=1", 0, FIELDS),
    ("metadata=1", 0, FIELDS),
    ('"npa"=303', 0, FIELDS),
    ("npa ~ 303", 4, "contains"),
    ("npa ! 303", 4, "!="),
    ("npa=303 npa=720", 8, "and"),
    ("npa=303)", 7, "and"),
    ("(npa=303", 8, ")"),
    ("npa in 303", 7, "("),
    ("npa in ()", 8, None),
    ("npa in (303", 11, ","),
    ("npa in (303 720)", 12, ","),
    ('npa="303', 4, '"'),
    ('npa="303\\"', 4, '"'),
    ("npa=303 and (", 13, FIELDS),
    ("status=free", 7, "AVAILABLE"),
    ("status in (available, free)", 22, "AVAILABLE"),
    ("ported=sideways", 7, "in"),
    ("npa = =", 6, None),
    ("(" * 51 + "npa=303" + ")" * 51, 51, FIELDS),
]


@pytest.mark.parametrize(("text", "position", "option"), BAD)
@pytest.mark.parametrize("path", ["/inventory/query", "/inventory/query/validate"])
async def test_a_bad_query_is_400_and_says_where_and_what_could_stand_there(
    http: httpx.AsyncClient, path: str, text: str, position: int, option: str | None
) -> None:
    answer = await http.post(path, json={"query": text})
    body = answer.json()
    assert answer.status_code == 400
    assert body["query"] == text
    assert body["position"] == position, body
    assert (option in body["validOptions"]) if option else body["validOptions"] == []
    assert body["error"] == "Bad Request"
    assert body["message"]
    assert body["path"] == f"/api/v1{path}"


async def test_status_mistakes_offer_the_statuses(http: httpx.AsyncClient) -> None:
    answer = await http.post("/inventory/query", json={"query": "status=free"})
    assert answer.json()["validOptions"] == STATUSES


async def test_deep_parentheses_within_the_limit_are_read(http: httpx.AsyncClient) -> None:
    assert await steps.total(http, "(" * 50 + "npa=808" + ")" * 50) > 0


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused_within_its_length(text: str) -> None:
    with suppress(QueryFault):
        tree = parse(text)
        assert parse(str(tree)) == tree


@given(st.text('np=a()" !or123', max_size=30))
@settings(max_examples=200, deadline=None)
def test_a_fault_points_into_its_query(text: str) -> None:
    with pytest.raises(QueryFault) as caught:
        parse(text + " (")
    assert 0 <= caught.value.position <= len(text) + 2


@given(st.text(max_size=40).filter(lambda value: value.isprintable()))
@settings(max_examples=150, deadline=None)
def test_a_quoted_value_is_never_syntax(value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    tree = parse(f'locality = "{escaped}" and (status = "available")')
    assert tree.parts[0].values == (value,)  # type: ignore[union-attr]
