"""graphql-transport-ws: one socket carries many operations, each by itself."""

import pytest
from starlette.types import Message, Receive, Scope, Send

from gateway.calls import GraphSettings
from tests.kit import toy
from tests.kit.asgi import closed, wire

SIGNED = {"authorization": toy.bearer()["authorization"]}


async def test_a_subscription_gives_next_next_complete(app):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        socket.subscribe("subscription($n:Int!){count(to:$n)}", variables={"n": 2})
        heard = [await socket.hear() for _ in range(3)]
    assert [message["type"] for message in heard] == ["next", "next", "complete"]
    assert [message["id"] for message in heard] == ["1", "1", "1"]
    assert [message["payload"]["data"] for message in heard[:2]] == [{"count": 1}, {"count": 2}]


@pytest.mark.parametrize("query", ["{hello}", "mutation{raiseLevel}"])
async def test_any_kind_of_operation_is_served(app, query):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        socket.subscribe(query)
        assert (await socket.hear())["type"] == "next"
        assert await socket.hear() == {"type": "complete", "id": "1"}


@pytest.mark.parametrize(
    ("query", "payload", "code"),
    [
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("", {}, "BAD_USER_INPUT"),
        ("{nope}", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{hello}", {"operationName": "x" * 500}, "OPERATION_RESOLUTION_FAILURE"),
        ("query A{hello} query B{hello}", {}, "OPERATION_RESOLUTION_FAILURE"),
        ("query($n:Int!){strict(number:$n)}", {}, "BAD_USER_INPUT"),
        ("{__schema{queryType{name}}}", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription{boomAfter(events:0)}", {}, "INTERNAL_SERVER_ERROR"),
        ("subscription{denied}", {}, "FORBIDDEN"),
    ],
)
async def test_a_refused_operation_is_an_error_and_the_socket_lives(app, query, payload, code):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        socket.subscribe(query, **payload)
        refused = await socket.hear()
        assert (refused["type"], refused["id"]) == ("error", "1")
        error = refused["payload"][0]
        assert error["extensions"]["code"] == code
        assert error["extensions"]["requestId"]
        assert toy.SECRET not in str(error)
        socket.subscribe("{hello}")
        assert (await socket.hear())["payload"]["data"] == {"hello": "hello world"}


async def test_field_errors_come_with_their_data(app):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        socket.subscribe("{hello boom}")
        answer = await socket.hear()
    assert answer["type"] == "next"
    assert answer["payload"]["data"] == {"hello": "hello world", "boom": None}
    assert answer["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


async def test_completing_ends_the_generator_and_frees_the_id(app, world):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        socket.subscribe("subscription{ticks{number}}")
        await world.started.wait()
        socket.say({"type": "complete", "id": "1"})
        socket.say({"type": "complete", "id": "unknown"})
        socket.subscribe("{hello}")
        # No `complete` for what the client itself completed: the next message is the new one's.
        assert (await socket.hear())["payload"]["data"] == {"hello": "hello world"}
        await world.closed.wait()
        assert world.live == 0


async def test_an_id_in_use_closes_with_4409(app):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        operation_id = "é" * 200
        socket.subscribe("subscription{ticks{number}}", operation_id)
        socket.subscribe("{hello}", operation_id)
        assert closed(await socket.hear()) == 4409


async def test_an_id_is_free_as_soon_as_its_end_is_read(app):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        for _ in range(5):
            socket.subscribe("{hello}")
            assert (await socket.hear())["type"] == "next"
            assert (await socket.hear())["type"] == "complete"
            socket.subscribe("{")
            assert (await socket.hear())["type"] == "error"


async def test_twenty_operations_may_be_open_at_once(app, world):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        for number in range(21):
            socket.subscribe("subscription{ticks{number}}", str(number))
        refused = await socket.hear()
        assert (refused["type"], refused["id"]) == ("error", "20")
        assert refused["payload"][0]["extensions"]["code"] == "THROTTLED"
        assert world.live == 20
        socket.say({"type": "complete", "id": "0"})
        socket.subscribe("{hello}", "21")
        assert (await socket.hear())["id"] == "21"
    assert world.live == 0


async def test_a_lost_connection_ends_every_generator(app, world):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        for number in range(5):
            socket.subscribe("subscription{ticks{number}}", str(number))
        socket.say({"type": "ping"})
        await socket.hear()
        assert world.live == 5
    assert world.live == 0


async def test_operations_on_one_socket_do_not_share_what_they_read(app, world):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        seen = []
        for query in ("{loaded(key:1)}", "mutation{raiseLevel}", "{loaded(key:1)}"):
            socket.subscribe(query)
            seen.append((await socket.hear())["payload"]["data"])
            await socket.hear()
    assert seen == [{"loaded": 0}, {"raiseLevel": 1}, {"loaded": 1}]


async def test_every_event_reads_anew(app, world):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        socket.subscribe("subscription{ticks{level}}")
        for level in (1, 2):
            world.level = level
            world.events.put_nowait(level)
            assert (await socket.hear())["payload"]["data"] == {"ticks": {"level": level}}


async def test_cancelling_one_operation_leaves_its_neighbour_its_loader(app, world):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        socket.subscribe("{slow loaded(key:1)}", "a")
        socket.subscribe("{loaded(key:1)}", "b")
        socket.say({"type": "complete", "id": "a"})
        answer = await socket.hear()
    assert (answer["id"], answer["payload"]["data"]) == ("b", {"loaded": 0})


async def test_each_operation_has_a_request_id_under_that_of_the_socket(app, logged):
    async with wire(app, {"x-request-id": "socket-0001"}) as socket:
        await socket.greet(SIGNED)
        for number in (1, 2):
            socket.subscribe("{boom}")
            answer = await socket.hear()
            (error,) = answer["payload"]["errors"]
            assert error["extensions"]["requestId"] == f"socket-0001.{number}"
            await socket.hear()
    assert [line["request_id"] for line in logged] == ["socket-0001.1", "socket-0001.2"]


async def test_slow_operations_time_out(world):
    app = toy.toy_app(world, GraphSettings(timeout=0.01))
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        socket.subscribe("{slow}")
        refused = await socket.hear()
    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"]["code"] == "TIMEOUT"
    assert world.cancelled.is_set()


async def test_sockets_pay_from_the_same_bucket(world):
    app = toy.toy_app(world, GraphSettings(cost_bucket=10, cost_refill_per_second=0.001))
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        socket.subscribe("{dids(first:9){nodes{id}}}")
        await socket.hear()
        await socket.hear()
        socket.subscribe("{hello}")
        (error,) = (await socket.hear())["payload"]
    assert error["extensions"]["code"] == "THROTTLED"
    assert error["extensions"]["retryAfterSeconds"] > 0


async def test_a_defect_of_ours_ends_the_operation_and_not_the_socket(world):
    def broken(*_: object) -> toy.ToyContext:
        raise RuntimeError(toy.SECRET)

    app = toy.endpoint(toy.toy_schema(), broken, GraphSettings())
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        socket.subscribe("{hello}")
        refused = await socket.hear()
        assert refused["type"] == "error"
        assert toy.SECRET not in str(refused)
        socket.say({"type": "ping"})
        assert await socket.hear() == {"type": "pong"}


async def test_a_client_that_never_reads_is_not_written_to_for_ever(app, world):
    """Each event waits for the one before to be taken; nothing piles up on our side."""
    async with wire(app, backlog=1) as socket:
        await socket.greet(SIGNED)
        socket.subscribe("subscription{ticks{number}}")
        for number in range(1, 1_001):
            world.events.put_nowait(number)
        assert (await socket.hear())["payload"]["data"] == {"ticks": {"number": 1}}
        assert (await socket.hear())["payload"]["data"] == {"ticks": {"number": 2}}
        assert socket.unread <= 1
        assert world.events.qsize() >= 995


async def test_a_connection_that_breaks_while_we_write_is_just_over(app, world, logged):
    async def breaking(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if '"next"' in message.get("text", ""):
                raise OSError
            await send(message)

        await app(scope, receive, sending)

    async with wire(breaking) as socket:
        await socket.greet(SIGNED)
        socket.subscribe("subscription{ticks{number}}")
        world.events.put_nowait(1)
        await world.closed.wait()
    assert logged == []
