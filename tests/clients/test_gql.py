"""Python's `gql` (httpx and websockets): the same story as the browser clients tell from Node."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.client import AsyncClientSession, ReconnectingAsyncClientSession
from gql.transport.exceptions import TransportQueryError, TransportServerError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.clients.documents import NODE
from tests.kit.live import LiveStack

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("live")]

Session = AsyncClientSession | ReconnectingAsyncClientSession
SECONDS = 30


def request(name: str, **variables: Any) -> GraphQLRequest:
    text = (NODE / "documents" / f"{name}.graphql").read_text(encoding="utf-8")
    return GraphQLRequest(text, variable_values=variables)


@asynccontextmanager
async def over_http(stack: LiveStack, token: str) -> AsyncIterator[Session]:
    transport = HTTPXAsyncTransport(
        stack.dev["graphqlUrl"], headers={"authorization": f"Bearer {token}"}, timeout=SECONDS
    )
    async with Client(transport=transport, execute_timeout=SECONDS) as session:
        yield session


@asynccontextmanager
async def over_socket(stack: LiveStack, token: str) -> AsyncIterator[Session]:
    transport = WebsocketsTransport(
        stack.dev["wsUrl"],
        init_payload={"authorization": f"Bearer {token}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=transport, execute_timeout=SECONDS) as session:
        yield session


def key() -> str:
    return str(uuid.uuid4())


async def hold(session: Session, npa: str, count: int) -> dict[str, Any]:
    found = await session.execute(request("SearchNumbers", input={"npas": [npa]}, first=50))
    nodes = found["searchInventory"]["nodes"]
    numbers = [node["number"] for node in random.sample(nodes, count)]
    answer = await session.execute(
        request("ReserveNumbers", input={"numbers": numbers, "idempotencyKey": key()})
    )
    assert answer["reserveNumbers"]["errors"] == []
    reservation: dict[str, Any] = answer["reserveNumbers"]["reservation"]
    assert reservation["state"] == "HELD"
    return reservation


async def watched(session: Session, reservation_id: str, begun: asyncio.Event) -> list[Any]:
    events = []
    async for event in session.subscribe(request("WatchReservation", id=reservation_id)):
        events.append(event["reservationUpdated"])
        begun.set()
    return events


async def buy(session: Session, reservation_id: str) -> list[Any]:
    given = {
        "reservationId": reservation_id,
        "maxMonthlyTotal": "100.00",
        "idempotencyKey": key(),
    }
    answer = (await session.execute(request("AssignReservation", input=given)))["assignReservation"]
    assert answer["errors"] == []
    dids: list[Any] = answer["dids"]
    return dids


async def give_back(session: Session, dids: list[Any]) -> None:
    given = {
        "didIds": [did["id"] for did in dids],
        "reason": "The client test is over",
        "idempotencyKey": key(),
    }
    answer = (await session.execute(request("ReleaseNumbers", input=given)))["releaseDids"]
    assert answer["errors"] == []
    assert {did["status"] for did in answer["dids"]} <= {"RELEASING", "DISCONNECTED"}


async def test_gql_finds_holds_watches_buys_and_gives_back(live_stack: LiveStack) -> None:
    token = live_stack.dev["tokens"]["customerA"]
    begun = asyncio.Event()
    async with over_http(live_stack, token) as http, over_socket(live_stack, token) as socket:
        viewer = (await http.execute(request("Viewer")))["viewer"]
        assert viewer["customer"]["name"]

        reservation = await hold(http, "646", 2)
        watching = asyncio.create_task(watched(socket, reservation["id"], begun))
        await asyncio.wait_for(begun.wait(), SECONDS)
        dids = await buy(http, reservation["id"])
        events = await asyncio.wait_for(watching, SECONDS)

        assert events[-1]["state"] == "DONE"
        sequences = [event["sequence"] for event in events]
        assert sequences == sorted(set(sequences))
        bought = {did["number"] for did in dids}
        assert bought == {item["number"] for item in reservation["items"]}

        where = {"numberStartsWith": "+1646"}
        listed = (await http.execute(request("Numbers", where=where, first=100)))["dids"]
        assert bought <= {edge["node"]["number"] for edge in listed["edges"]}
        await give_back(http, dids)


async def test_gql_is_told_why_it_is_refused(live_stack: LiveStack) -> None:
    async with over_http(live_stack, "not.a.token") as session:
        with pytest.raises((TransportQueryError, TransportServerError)) as refused:
            await session.execute(request("Viewer"))
    assert "401" in str(refused.value) or "UNAUTHENTICATED" in str(refused.value)


async def test_another_customer_sees_nothing_of_a_reservation(live_stack: LiveStack) -> None:
    tokens = live_stack.dev["tokens"]
    async with over_http(live_stack, tokens["customerA"]) as alice:
        reservation = await hold(alice, "646", 1)
        async with over_http(live_stack, tokens["customerB"]) as bob:
            asked = GraphQLRequest(
                "query Peek($id: ID!) { reservation(id: $id) { id } }",
                variable_values={"id": reservation["id"]},
            )
            assert (await bob.execute(asked))["reservation"] is None
