"""Python's `gql` (httpx and websockets): the same story as the browser clients tell from Node."""

import asyncio
from typing import Any

import pytest
from gql import GraphQLRequest
from gql.transport.exceptions import TransportQueryError, TransportServerError

from tests.clients.gql_story import (
    SECONDS,
    Session,
    buy,
    give_back,
    hold,
    over_http,
    over_socket,
    request,
)
from tests.kit.live import LiveStack

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("live")]


async def watched(session: Session, reservation_id: str, begun: asyncio.Event) -> list[Any]:
    events = []
    async for event in session.subscribe(request("WatchReservation", id=reservation_id)):
        events.append(event["reservationUpdated"])
        begun.set()
    return events


async def test_gql_finds_holds_watches_buys_and_gives_back(live_stack: LiveStack) -> None:
    token = live_stack.dev["tokens"]["customerA"]
    begun = asyncio.Event()
    async with over_http(live_stack, token) as http, over_socket(live_stack, token) as socket:
        viewer = (await http.execute(request("Viewer")))["viewer"]
        assert viewer["customer"]["name"]

        reservation = await hold(http, "646", 2)
        assert reservation["state"] == "HELD"
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
