"""graphql-transport-ws: the handshake, signing in, and how a connection ends."""

import time

import pytest

from gateway.calls import GraphSettings
from gateway.keys import KeysUnavailable
from schema.faults import Code, Fault
from tests.kit import toy
from tests.kit.asgi import closed, wire

SIGNED = {"authorization": toy.bearer()["authorization"]}


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


async def test_an_expired_token_closes_with_4403_and_ends_everything(world):
    app = toy.toy_app(world, authenticator=toy.Expiring())
    async with wire(app) as socket:
        await socket.greet(SIGNED)
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
