"""Pages, order, chosen fields, the summary, and how fast it all is."""

import time
from typing import Any

import httpx
import pytest

from teliport.sandbox.record import RECORD_FIELDS
from tests.kit.sandbox import Sandbox
from tests.teliport.sandbox import steps

# The contract's list of a number's fields.
CONTRACT = """id telephoneNumber npa nxx blockId spid currentOwnerSpid customerId customerName
status lifecycleState currentLrn currentOcn npacRegion lata lataName state locality switchClli
tandemSwitch tandemOcn tandemOcnName ocnName cocType lastPortDate portDirection originalSpid
applicationId applicationMetadata reservedUntil reservedBy firstAssignedAt lastAssignedAt
timesAssigned lastLrnDipAt lastLrnDipResult discoveredVia createdAt updatedAt lastVerifiedAt"""
CONTRACT_FIELDS = CONTRACT.split()


async def test_a_record_has_the_contracts_fields_and_two_more(http: httpx.AsyncClient) -> None:
    record = (await steps.get(http, "3035551234")).json()
    assert set(record) - set(CONTRACT_FIELDS) == {"rateCenter", "timeZone"}
    assert set(record) >= set(CONTRACT_FIELDS)
    assert record["telephoneNumber"] == "3035551234"
    assert record["lata"] == 656
    assert len(record["spid"]) == 4


async def test_a_page_is_shaped_as_the_contract_says(http: httpx.AsyncClient) -> None:
    page = await steps.query(http, "npa=808", size=7)
    assert set(page) == {
        *("content", "totalElements", "totalPages", "page", "size", "first", "last"),
        *("executionTimeMs", "parsedQuery", "fields"),
    }
    assert (page["page"], page["size"], page["first"], page["last"]) == (0, 7, True, False)
    assert page["totalPages"] == -(-page["totalElements"] // 7)
    assert page["parsedQuery"] == '(npa = "808")'
    assert page["fields"] is None


@pytest.mark.parametrize("sorting", [{}, {"sortDirection": "DESC"}, {"sortBy": "locality"}])
async def test_pages_add_up_to_the_whole_without_repeats(
    http: httpx.AsyncClient, sorting: dict[str, Any]
) -> None:
    whole = await steps.query(http, "npa=808", size=10_000, **sorting)
    assert whole["last"]
    collected, number = [], 0
    while True:
        page = await steps.query(http, "npa=808", size=301, page=number, **sorting)
        collected += page["content"]
        number += 1
        if page["last"]:
            break
    assert collected == whole["content"]
    assert number == page["totalPages"]
    beyond = await steps.query(http, "npa=808", size=301, page=number, **sorting)
    assert (beyond["content"], beyond["last"]) == ([], True)


async def test_an_empty_result_is_one_empty_page(http: httpx.AsyncClient) -> None:
    page = await steps.query(http, "npa=999")
    assert (page["content"], page["totalElements"], page["totalPages"]) == ([], 0, 0)
    assert page["first"]
    assert page["last"]


SORTS = ["telephoneNumber", "npa", "nxx", "state", "locality", "rateCenter", "lata", "status"]


@pytest.mark.parametrize("name", [*SORTS, "updatedAt"])
@pytest.mark.parametrize("direction", ["ASC", "DESC", None])
async def test_a_result_is_in_the_order_asked_for(
    http: httpx.AsyncClient, name: str, direction: str | None
) -> None:
    page = await steps.query(
        http, "npa in (907, 808, 800)", sortBy=name, sortDirection=direction, size=10_000
    )
    values = [record[name] or "" for record in page["content"]]
    values = [(value != "", value) for value in values]
    assert values == sorted(values, reverse=direction == "DESC")


async def test_chosen_fields_only(http: httpx.AsyncClient) -> None:
    fields = ["telephoneNumber", "applicationMetadata"]
    page = await steps.query(http, "status=in_use", size=3, fields=fields)
    assert page["fields"] == fields
    assert all(list(record) == fields for record in page["content"])


BAD_BODIES = [
    ({}, "query", None),
    ({"query": 5}, "query", None),
    ({"query": "npa=303", "page": -1}, "page", None),
    ({"query": "npa=303", "page": "1"}, "page", None),
    ({"query": "npa=303", "page": 1.5}, "page", None),
    ({"query": "npa=303", "size": 0}, "size", None),
    ({"query": "npa=303", "size": 10_001}, "size", None),
    ({"query": "npa=303", "size": True}, "size", None),
    ({"query": "npa=303", "sortBy": "colour"}, "sortBy", "telephoneNumber"),
    ({"query": "npa=303", "sortBy": []}, "sortBy", "telephoneNumber"),
    ({"query": "npa=303", "sortDirection": "UP"}, "sortDirection", "DESC"),
    ({"query": "npa=303", "fields": "npa"}, "fields", "npa"),
    ({"query": "npa=303", "fields": ["npa", "colour"]}, "fields", "lataName"),
]


@pytest.mark.parametrize(("body", "names", "option"), BAD_BODIES)
async def test_a_bad_body_is_400_and_names_the_field(
    http: httpx.AsyncClient, body: dict[str, Any], names: str, option: str | None
) -> None:
    answer = await http.post("/inventory/query", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(names)
    assert option in answer.json().get("validOptions", [None])


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'"x"', b'{"query": "\xff"}', b'{"query": "\\ud800"}']
)
async def test_a_body_that_is_no_json_object_is_400(
    http: httpx.AsyncClient, content: bytes
) -> None:
    answer = await http.post("/inventory/query", content=content)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "message", "timestamp", "path"}


async def test_the_summary_counts_what_queries_find(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await steps.assign(http, carrier.available("303", 1)[0])
    summary = (await http.get("/inventory/summary", params={"spid": "567G"})).json()
    for name, text in {
        "availableCount": "status=available",
        "reservedCount": "status=reserved",
        "inUseCount": "status=in_use",
        "portedOutCount": "status=ported_out",
        "quarantineCount": "status=quarantine",
        "portedInCount": "ported=in",
    }.items():
        assert summary[name] == await steps.total(http, text), name
    assert summary["totalNumbers"] == len(carrier.world.inventory.seeded)
    assert summary["totalBlocks"] == len(carrier.world.inventory.seeded.blocks)
    assert summary == (await http.get("/inventory/summary")).json()


async def test_another_spids_summary_is_empty(http: httpx.AsyncClient) -> None:
    summary = (await http.get("/inventory/summary", params={"spid": "1234"})).json()
    assert summary.pop("spid") == "1234"
    assert set(summary.values()) == {0}


def test_fields_may_name_every_field_of_a_record() -> None:
    assert len(RECORD_FIELDS) == len(CONTRACT_FIELDS) + 2


async def test_a_search_takes_a_few_milliseconds(http: httpx.AsyncClient) -> None:
    await steps.query(http, "status=available and npa=303")
    spent = []
    for _ in range(5):
        started = time.process_time()
        await steps.query(http, "status=available and npa=303", size=100)
        spent.append(time.process_time() - started)
    assert min(spent) < 0.02
