"""What only a real server shows: handshakes, sizes, restarts. uvicorn on a free port."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import orjson
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from gateway.calls import GraphSettings
from tests.kit import toy

PROTOCOLS = [Subprotocol("graphql-transport-ws")]


class Served:
    """A server that runs in the test's own loop."""

    def __init__(self, app: object) -> None:
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,  # type: ignore[arg-type]
                port=0,
                log_config=None,
                lifespan="off",
                ws="websockets-sansio",
                ws_max_size=262_144,
                ws_per_message_deflate=False,
            )
        )
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined,method-assign]

    async def __aenter__(self) -> "Served":
        config = self._server.config
        config.load()
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup()
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self._main = asyncio.create_task(self._server.main_loop())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """As SIGTERM: uvicorn's handler sets this flag."""
        if not self._server.should_exit:
            self._server.should_exit = True
            await self._main
            await self._server.shutdown()

    def socket(self, origin: str | None = None) -> connect:
        """A WebSocket client."""
        return connect(
            f"ws://127.0.0.1:{self.port}/graphql",
            subprotocols=PROTOCOLS,
            origin=Origin(origin) if origin else None,
        )


@pytest.fixture
async def served(world: toy.World) -> AsyncIterator[Served]:
    app = toy.toy_app(world, GraphSettings(allowed_origins=("https://portal.example",)))
    async with Served(app) as server:
        yield server


async def greeted(socket: ClientConnection) -> None:
    """Initialise a connection."""
    init = {"type": "connection_init", "payload": toy.bearer()}
    await socket.send(orjson.dumps(init).decode())
    assert orjson.loads(await socket.recv()) == {"type": "connection_ack"}


def subscribe(query: str) -> str:
    """A subscribe frame."""
    payload = {"query": query}
    return orjson.dumps({"type": "subscribe", "id": "1", "payload": payload}).decode()


async def test_a_foreign_page_gets_403_at_the_handshake(served):
    with pytest.raises(InvalidStatus) as refused:
        await served.socket("https://evil.example")
    assert refused.value.response.status_code == 403
    async with served.socket("https://portal.example") as socket:
        await greeted(socket)


async def test_answers_are_text_frames(served):
    async with served.socket() as socket:
        await greeted(socket)
        await socket.send(subscribe("{hello}"))
        message = await socket.recv()
    assert isinstance(message, str)
    assert orjson.loads(message)["payload"]["data"] == {"hello": "hello world"}


async def test_a_huge_frame_closes_with_1009(served):
    async with served.socket() as socket:
        await greeted(socket)
        sending = asyncio.create_task(socket.send("x" * 10_000_000))
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        await asyncio.gather(sending, return_exceptions=True)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1009


async def test_a_restart_closes_with_1012_and_ends_every_generator(served, world):
    async with served.socket() as socket:
        await greeted(socket)
        await socket.send(subscribe("subscription{ticks{number}}"))
        await world.started.wait()
        stopping = asyncio.create_task(served.stop())
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1012
        await stopping
    assert world.live == 0


async def test_a_killed_client_ends_its_generator(served, world):
    async with served.socket() as socket:
        await greeted(socket)
        await socket.send(subscribe("subscription{ticks{number}}"))
        await world.started.wait()
        socket.transport.abort()
        await world.closed.wait()
    assert world.live == 0


async def test_a_client_that_hangs_up_cancels_its_resolver(served, world):
    async with httpx.AsyncClient(headers=toy.bearer()) as client:
        asking = asyncio.create_task(
            client.post(f"http://127.0.0.1:{served.port}/graphql", json={"query": "{slow}"})
        )
        await world.started.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    await world.cancelled.wait()


async def test_an_event_stream_arrives_event_by_event(served, world):
    headers = {**toy.bearer(), "accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(headers=headers) as client,
        client.stream(
            "POST",
            f"http://127.0.0.1:{served.port}/graphql",
            json={"query": "subscription{ticks{number}}"},
        ) as response,
    ):
        lines = response.aiter_lines()
        for number in (1, 2):
            world.events.put_nowait(number)
            seen = [await anext(lines) for _ in range(3)]
            assert seen[0] == "event: next"
            assert orjson.loads(seen[1].removeprefix("data: "))["data"] == {
                "ticks": {"number": number}
            }
    await world.closed.wait()
    assert world.live == 0


async def test_an_endless_body_is_cut_off(served):
    sent = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            sent.append(65_536)
            yield b" " * 65_536

    async with httpx.AsyncClient(headers=toy.bearer()) as client:
        try:
            response = await client.post(
                f"http://127.0.0.1:{served.port}/graphql",
                content=endless(),
                headers={"content-type": "application/json"},
            )
            assert response.status_code == 413
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            # The answer went out and the connection was closed while the client still wrote.
            pass
    # A megabyte was read; the rest sat in the buffers of two kernels.
    assert sum(sent) < 20_000_000
