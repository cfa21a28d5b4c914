"""Event streams: graphql-sse's distinct connections mode."""

from typing import Any

import orjson
import pytest

from gateway.calls import GraphSettings
from tests.kit import toy
from tests.kit.asgi import Talk, post

STREAM = {"accept": "text/event-stream"}
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, "
    "text/event-stream, multipart/mixed"
)


def asking(app: Any, query: str, **headers: str) -> Talk:
    """A request for a stream, signed in."""
    return post(app, {"query": query}, {**toy.bearer(), **STREAM, **headers})


async def started(talk: Talk) -> dict[str, str]:
    """The headers of a stream that has begun."""
    message = await talk.get()
    assert message["status"] == 200
    return {name.decode(): value.decode() for name, value in message["headers"]}


async def event(talk: Talk) -> tuple[str, Any]:
    """The next event: its name and its data."""
    message = await talk.get()
    if not message["body"]:
        return "end", message.get("more_body", False)
    lines = message["body"].decode().removesuffix("\r\n\r\n").split("\r\n")
    if lines == [": ping"]:
        return "ping", None
    name, data = (line.partition(": ")[2] for line in lines)
    return name, orjson.loads(data) if data else None


async def test_a_subscription_streams_and_completes(app):
    async with asking(app, "subscription{count(to:2)}") as talk:
        headers = await started(talk)
        assert headers["content-type"].startswith("text/event-stream")
        assert headers["cache-control"] == "no-store"
        assert headers["x-accel-buffering"] == "no"
        assert headers["x-request-id"]
        for number in (1, 2):
            name, data = await event(talk)
            assert (name, data["data"]) == ("next", {"count": number})
        assert await event(talk) == ("complete", None)
        assert await event(talk) == ("end", False)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{nope}", "GRAPHQL_VALIDATION_FAILED"),
        ("query A{hello} query B{hello}", "OPERATION_RESOLUTION_FAILURE"),
        ("subscription{boomAfter(events:0)}", "INTERNAL_SERVER_ERROR"),
        ("{boom}", "INTERNAL_SERVER_ERROR"),
    ],
)
async def test_errors_are_events_too(app, query, code):
    async with asking(app, query) as talk:
        await started(talk)
        name, data = await event(talk)
        assert name == "next"
        assert [error["extensions"]["code"] for error in data["errors"]] == [code]
        assert toy.SECRET not in str(data)
        assert await event(talk) == ("complete", None)


async def test_queries_and_mutations_may_be_streamed(app, world):
    async with asking(app, "mutation{raiseLevel}") as talk:
        await started(talk)
        assert (await event(talk))[1]["data"] == {"raiseLevel": 1}


@pytest.mark.parametrize(
    ("accept", "streamed"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream;q=0.5, application/json", True),
        (URQL, False),
        ("application/json, text/event-stream", False),
    ],
)
async def test_only_those_who_ask_first_for_a_stream_get_one(app, accept, streamed):
    async with asking(app, "{hello}", accept=accept) as talk:
        headers = await started(talk)
        assert headers["content-type"].startswith("text/event-stream") == streamed


async def test_without_a_token_there_is_no_stream(app):
    async with post(app, {"query": "subscription{count}"}, STREAM) as talk:
        assert (await talk.get())["status"] == 401


async def test_a_client_that_leaves_ends_the_generator(app, world):
    async with asking(app, "subscription{ticks{number}}") as talk:
        await started(talk)
        await world.started.wait()
        assert world.live == 1
    assert world.live == 0


async def test_a_silent_stream_is_kept_alive(world):
    app = toy.toy_app(world, GraphSettings(heartbeat=0.001))
    async with asking(app, "subscription{ticks{number}}") as talk:
        await started(talk)
        assert await event(talk) == ("ping", None)
        assert await event(talk) == ("ping", None)
        world.events.put_nowait(7)
        seen = await event(talk)
        while seen[0] == "ping":
            seen = await event(talk)
        assert seen[1]["data"] == {"ticks": {"number": 7}}


async def test_an_expired_token_ends_the_stream(world):
    app = toy.toy_app(world, authenticator=toy.Expiring())
    async with asking(app, "subscription{ticks{number}}") as talk:
        await started(talk)
        name, data = await event(talk)
        assert name == "next"
        assert data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert await event(talk) == ("complete", None)
        await talk.done()
    assert world.live == 0


async def test_streams_of_one_subject_are_counted(world):
    app = toy.toy_app(world, GraphSettings(connections_per_subject=1))
    async with asking(app, "subscription{ticks{number}}") as first:
        await started(first)
        async with asking(app, "subscription{count}") as second:
            assert (await second.get())["status"] == 429
    async with asking(app, "subscription{count}") as third:
        await started(third)
