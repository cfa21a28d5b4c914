"""A customer's story in steps, with Python's `gql`: httpx for requests, websockets for streams."""

import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from gql import Client, GraphQLRequest
from gql.client import AsyncClientSession, ReconnectingAsyncClientSession
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.clients.documents import NODE
from tests.kit.live import LiveStack

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
    return reservation


async def reached(session: Session, reservation_id: str, state: str) -> None:
    """Return as soon as a reservation is in this state; fail if it ends in another."""
    async for event in session.subscribe(request("WatchReservation", id=reservation_id)):
        if event["reservationUpdated"]["state"] == state:
            return
    raise AssertionError(f"the reservation was never {state}")


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
