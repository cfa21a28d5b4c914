"""graphql-transport-ws: signing in, operating, ending; one socket carries many operations."""

import time

import pytest

from gateway.calls import GraphSettings
from gateway.keys import KeysUnavailable
from schema.faults import Code, Fault
from tests.kit import toy
from tests.kit.asgi import wire

SIGNED = {"authorization": toy.bearer()["authorization"]}


def closed(message) -> int:
    """The code of a close message."""
    assert message["type"] == "websocket.close"
    assert len(message["reason"].encode()) <= 123
    return message["code"]


# ── handshake and sign-in ──


async def test_the_protocol_is_agreed_on(app):
    async with wire(app, subprotocols=("graphql-ws", "graphql-transport-ws")) as socket:
        assert (await socket.accepted())["subprotocol"] == "graphql-transport-ws"


@pytest.mark.parametrize("offered", [(), ("graphql-ws",), ("chat",)])
async def test_other_protocols_are_closed(app, offered):
    async with wire(app, subprotocols=offered) as socket:
        assert (await socket.accepted())["subprotocol"] is None
        assert closed(await socket.hear()) == 4406


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        (None, True),
        ("http://test", True),
        ("https://portal.example", True),
        ("https://PORTAL.example:443", True),
        ("https://evil.example", False),
        ("https://portal.example.evil.example", False),
        ("http://portal.example", False),
        ("https://portal.example:444", False),
        ("null", False),
        ("", False),
        ("https://[", False),
    ],
)
async def test_pages_of_other_origins_are_refused_at_the_handshake(world, origin, welcome):
    app = toy.toy_app(world, GraphSettings(allowed_origins=("https://portal.example",)))
    async with wire(app, {} if origin is None else {"origin": origin}) as socket:
        answer = await socket.accepted()
    assert answer["type"] == ("websocket.accept" if welcome else "websocket.close")


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
async def test_the_token_comes_in_connection_init(app, name):
    async with wire(app) as socket:
        payload = {name: SIGNED["authorization"], "x-customer-id": str(toy.CUSTOMER_A)}
        assert await socket.greet(payload) == {"type": "connection_ack"}
        socket.subscribe("{whoami}")
        assert (await socket.hear())["payload"]["data"] == {"whoami": f"user-1:{toy.CUSTOMER_A}"}


async def test_the_customer_is_chosen_in_connection_init(app):
    token = toy.bearer(customers=(toy.CUSTOMER_A, toy.CUSTOMER_B))["authorization"]
    for customer in (toy.CUSTOMER_A, toy.CUSTOMER_B):
        async with wire(app) as socket:
            await socket.greet({"Authorization": token, "X-Customer-Id": str(customer)})
            socket.subscribe("{whoami}")
            answer = await socket.hear()
        assert answer["payload"]["data"] == {"whoami": f"user-1:{customer}"}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"authorization": ""},
        {"authorization": 5},
        {"authorization": None},
        {"authorization": "Bearer nonsense"},
        {"authorization": toy.token()},
        {"authorization": f"Bearer {toy.token(now=time.time() - 999, lifetime_seconds=9)}"},
        {"authorization": f"Bearer {toy.token(secret='x' * 40)}"},
        {**SIGNED, "x-customer-id": str(toy.CUSTOMER_B)},
        {**SIGNED, "x-customer-id": "nonsense"},
    ],
)
async def test_a_bad_token_closes_with_4403(app, payload):
    async with wire(app) as socket:
        assert closed(await socket.greet(payload)) == 4403


async def test_while_keys_are_away_the_client_is_told_to_come_back(world):
    class Away:
        async def credentials(self, *_: object) -> None:
            raise Fault(Code.SERVICE_UNAVAILABLE, "Sign-in is not available.") from KeysUnavailable

    app = toy.toy_app(world, authenticator=Away())
    async with wire(app) as socket:
        assert closed(await socket.greet(SIGNED)) == 1013


async def test_operations_before_init_close_with_4401(app):
    async with wire(app) as socket:
        await socket.accepted()
        socket.say({"type": "complete", "id": "1"})
        socket.subscribe("{hello}")
        assert closed(await socket.hear()) == 4401


async def test_silence_closes_with_4408(world):
    app = toy.toy_app(world, GraphSettings(init_timeout=0.001))
    async with wire(app) as socket:
        await socket.accepted()
        assert closed(await socket.hear()) == 4408


async def test_a_second_init_closes_with_4429(app):
    async with wire(app) as socket:
        await socket.greet(SIGNED)
        socket.say({"type": "connection_init", "payload": SIGNED})
        assert closed(await socket.hear()) == 4429


async def test_pings_are_answered_before_and_after_init(app):
    async with wire(app) as socket:
        await socket.accepted()
        socket.say({"type": "ping"})
        assert await socket.hear() == {"type": "pong"}
        socket.say({"type": "connection_init", "payload": SIGNED})
        await socket.hear()
        socket.say({"type": "pong"})
        socket.say({"type": "ping", "payload": {"a": 1}})
        assert await socket.hear() == {"type": "pong", "payload": {"a": 1}}


async def test_an_expired_token_closes_with_4403_and_ends_everything(app, world):
    token = toy.token(now=time.time() - 159, lifetime_seconds=100)
    async with wire(app) as socket:
        await socket.greet({"authorization": f"Bearer {token}"})
        socket.subscribe("subscription{ticks{number}}")
        assert closed(await socket.hear()) == 4403
        await socket.done()
    assert world.live == 0


async def test_the_connections_of_one_subject_are_counted(world):
    app = toy.toy_app(world, GraphSettings(connections_per_subject=1))
    async with wire(app) as first:
        await first.greet(SIGNED)
        async with wire(app) as second:
            assert closed(await second.greet(SIGNED)) == 4429
        async with wire(app) as other:
            signed = toy.bearer(subject="user-2")["authorization"]
            assert (await other.greet({"authorization": signed}))["type"] == "connection_ack"
    async with wire(app) as third:
        assert (await third.greet(SIGNED))["type"] == "connection_ack"


# ── operations ──


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
