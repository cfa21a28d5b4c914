"""The plan's load tests, over real HTTP: searches in a crowd, and a thousand numbers bought.

A throughput is asserted here because the contract promises it; everything else about speed is in
`tests/bench`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.kit.live import LiveStack, running

pytestmark = [pytest.mark.processes, pytest.mark.alone]

SEARCH = """query Search($input: InventorySearch!, $first: Int, $after: String) {
  searchInventory(input: $input, first: $first, after: $after) {
    nodes { number } pageInfo { hasNextPage endCursor } } }"""
RESERVE = """mutation Reserve($input: ReserveNumbersInput!) { reserveNumbers(input: $input) {
  reservation { id state items { state } } errors { code message } } }"""
ASSIGN = """mutation Assign($input: AssignReservationInput!) { assignReservation(input: $input) {
  reservation { id state items { state } } errors { code message } } }"""
RESERVATION = "query R($id: ID!) { reservation(id: $id) { state items { state } } }"

LIMIT = 1200
"""Calls a minute in the thousand-number test; bulk may use all but the interactive reserve."""
RESERVE_OF_INTERACTIVE = 10
CARTS, CART = 20, 50
BUSY = {"SERVICE_UNAVAILABLE", "TIMEOUT"}
"""Codes after which a portal asks again with the same idempotency key."""


@asynccontextmanager
async def portal(stack: LiveStack, who: str = "customerA") -> AsyncIterator[httpx.AsyncClient]:
    """A portal's HTTP client."""
    headers = {"authorization": f"Bearer {stack.dev['tokens'][who]}"}
    limits = httpx.Limits(max_connections=120)
    async with httpx.AsyncClient(headers=headers, limits=limits, timeout=60) as client:
        yield client


async def ask(
    client: httpx.AsyncClient, stack: LiveStack, query: str, variables: dict[str, Any]
) -> dict[str, Any]:
    """The whole answer."""
    body = {"query": query, "variables": variables}
    answer: dict[str, Any] = (await client.post(stack.dev["graphqlUrl"], json=body)).json()
    return answer


async def granted(
    client: httpx.AsyncClient, stack: LiveStack, query: str, variables: dict[str, Any]
) -> dict[str, Any]:
    """The `data` of an answer without errors; asks again, same key, while the service is busy."""
    answer = await ask(client, stack, query, variables)
    for _ in range(10):
        if not BUSY & {error["extensions"]["code"] for error in answer.get("errors", ())}:
            break
        answer = await ask(client, stack, query, variables)
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data


def calls(stack: LiveStack, path: str = "") -> list[dict[str, Any]]:
    """The arrivals at the carrier whose path ends so."""
    seen = httpx.get(f"{stack.dev['sandboxUrl']}/_sandbox/calls", params={"since": 0}, timeout=30)
    return [call for call in seen.json()["calls"] if call["path"].endswith(path)]


@pytest.fixture(scope="module")
def hundred(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStack]:
    """A platform with the carrier's real limit, 100 a minute."""
    with running(tmp_path_factory.mktemp("hundred") / "data") as stack:
        yield stack


async def test_100_identical_searches_cost_one_call(hundred: LiveStack) -> None:
    before = len(calls(hundred, "/inventory/query"))
    async with portal(hundred) as client:
        answers = await asyncio.gather(
            *(
                ask(client, hundred, SEARCH, {"input": {"npas": ["720"], "endsWith": "77"}})
                for _ in range(100)
            )
        )
    assert [answer["errors"] for answer in answers if "errors" in answer] == []
    assert len({str(answer["data"]) for answer in answers}) == 1
    assert len(calls(hundred, "/inventory/query")) - before == 1


async def test_100_different_searches_never_see_a_429(hundred: LiveStack) -> None:
    async with portal(hundred) as client:
        answers = await asyncio.gather(
            *(
                ask(client, hundred, SEARCH, {"input": {"endsWith": f"{ending:02}"}, "first": 1})
                for ending in range(100)
            )
        )
    assert 429 not in {call["status"] for call in calls(hundred)}
    answered = [answer for answer in answers if "errors" not in answer]
    refused = [answer["errors"][0]["extensions"] for answer in answers if "errors" in answer]
    assert len(answered) >= 50
    assert {error["code"] for error in refused} <= {"RATE_LIMITED"}
    assert all(error["retryAfterSeconds"] >= 1 for error in refused)


async def found(client: httpx.AsyncClient, stack: LiveStack, count: int) -> list[str]:
    """Numbers to buy, page by page, as a portal finds them."""
    numbers: list[str] = []
    after = None
    while len(numbers) < count:
        asked = {"input": {"npas": ["303"]}, "first": 100, "after": after}
        page = (await granted(client, stack, SEARCH, asked))["searchInventory"]
        numbers += [node["number"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    return numbers[:count]


async def bought(
    client: httpx.AsyncClient, stack: LiveStack, cart: int, numbers: tuple[str, ...]
) -> None:
    """Hold a cart, wait until all is held, assign it, wait until all is ours."""
    asked = {"input": {"numbers": numbers, "idempotencyKey": f"hold-{cart}"}}
    held = (await granted(client, stack, RESERVE, asked))["reserveNumbers"]
    assert held["errors"] == []
    reservation = held["reservation"]["id"]
    await settled(client, stack, reservation, "HELD")
    buying = {"input": {"reservationId": reservation, "idempotencyKey": f"assign-{cart}"}}
    assigned = (await granted(client, stack, ASSIGN, buying))["assignReservation"]
    assert assigned["errors"] == []
    await settled(client, stack, reservation, "ASSIGNED")


async def settled(
    client: httpx.AsyncClient, stack: LiveStack, reservation: str, state: str
) -> None:
    """Ask until every item is in this state: a mutation waits 10 s, a large cart takes longer."""
    tick = asyncio.Event()
    for _ in range(240):
        cart = (await granted(client, stack, RESERVATION, {"id": reservation}))["reservation"]
        states = {item["state"] for item in cart["items"]}
        if states == {state}:
            return
        assert states <= {"PENDING", "HELD", "ASSIGNING", "ASSIGNED"}, states
        try:
            await asyncio.wait_for(tick.wait(), 0.5)
        except TimeoutError:
            continue
    raise AssertionError(f"{reservation} is not {state} after two minutes")


async def searched_meanwhile(
    client: httpx.AsyncClient, stack: LiveStack, done: asyncio.Event
) -> list[float]:
    """Search for something new again and again; the seconds that each answer took."""
    times = []
    for ending in range(1000, 9999):
        began = time.perf_counter()
        asked = {"input": {"npas": ["212"], "endsWith": str(ending)}, "first": 1}
        await granted(client, stack, SEARCH, asked)
        times.append(time.perf_counter() - began)
        try:
            await asyncio.wait_for(done.wait(), 2)
        except TimeoutError:
            continue
        break
    return times


async def test_a_thousand_numbers_use_the_bulk_lane_while_a_portal_searches(tmp_path: Path) -> None:
    with running(tmp_path / "data", {"TELIPORT_RATE_LIMIT": str(LIMIT)}) as stack:
        async with portal(stack) as buyer, portal(stack, "customerB") as other:
            numbers = await found(buyer, stack, CARTS * CART)
            carts = [tuple(numbers[at : at + CART]) for at in range(0, len(numbers), CART)]
            done = asyncio.Event()
            searching = asyncio.create_task(searched_meanwhile(other, stack, done))
            await asyncio.gather(*(bought(buyer, stack, at, cart) for at, cart in enumerate(carts)))
            done.set()
            times = await searching
        seen = calls(stack)
        assert 429 not in {call["status"] for call in seen}
        bulk = [call for call in seen if call["path"].endswith(("/reserve", "/assign"))]
        assert len(bulk) == 2 * CARTS * CART
        share = (LIMIT - RESERVE_OF_INTERACTIVE) / 60
        first, last = (datetime.fromisoformat(bulk[at]["at"]) for at in (0, -1))
        used = len(bulk) / (last - first).total_seconds() / share
        print(
            f"bulk lane: {used:.0%} of its share; searches: {sorted(times)[len(times) // 2]:.3f} s"
        )
        assert used >= 0.9
        assert sorted(times)[len(times) * 95 // 100] < 1.0
