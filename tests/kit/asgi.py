"""Talk to an ASGI app without a network: every message in order, no sleeping, no ports."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import orjson
from starlette.types import ASGIApp, Message

PATIENCE = 5.0


class Talk:
    """One scope in progress: `put` what the client does, `get` what the server says.

    `backlog` is how many messages the server may say before it must wait; 0 is no limit.
    """

    def __init__(self, app: ASGIApp, scope: dict[str, Any], backlog: int = 0) -> None:
        self._app = app
        self._scope = scope
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._outgoing: asyncio.Queue[Message] = asyncio.Queue(maxsize=backlog)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(
            self._app(self._scope, self._incoming.get, self._outgoing.put)  # type: ignore[arg-type]
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        kind = "http" if self._scope["type"] == "http" else "websocket"
        self.put({"type": f"{kind}.disconnect", "code": 1001})
        await self.done()

    def put(self, message: Message) -> None:
        """Let the client do something."""
        self._incoming.put_nowait(message)

    @property
    def unread(self) -> int:
        """How much the server has said that nobody took."""
        return self._outgoing.qsize()

    async def get(self) -> Message:
        """The next thing the server says; its exception if it failed instead."""
        assert self._task
        said = asyncio.ensure_future(self._outgoing.get())
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({said, self._task}, return_when=asyncio.FIRST_COMPLETED)
            if not said.done() and self._outgoing.empty():
                said.cancel()
                self._task.result()
                raise AssertionError("the app ended without another message")
            return await said

    async def done(self) -> None:
        """Wait for the app to return; raises what it raised."""
        assert self._task
        async with asyncio.timeout(PATIENCE):
            await self._task


def _headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def post(app: ASGIApp, body: object, headers: Mapping[str, str]) -> Talk:
    """An HTTP POST of JSON whose response is read message by message."""
    sent = {"content-type": "application/json", "host": "test", **headers}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": _headers(sent),
    }
    talk = Talk(app, scope)
    talk.put({"type": "http.request", "body": orjson.dumps(body), "more_body": False})
    return talk


class Wire(Talk):
    """A WebSocket from the client's side."""

    async def accepted(self) -> Message:
        """Shake hands; the server's first message (accept or close)."""
        self.put({"type": "websocket.connect"})
        return await self.get()

    def say(self, message: object) -> None:
        """Send one JSON text frame."""
        self.raw(orjson.dumps(message).decode())

    def raw(self, text: str) -> None:
        """Send one text frame as it is."""
        self.put({"type": "websocket.receive", "text": text})

    async def hear(self) -> Any:
        """The next frame as JSON, or the close message."""
        message = await self.get()
        if message["type"] == "websocket.send":
            assert message.get("bytes") is None
            return orjson.loads(message["text"])
        return message

    async def greet(self, payload: dict[str, Any]) -> Any:
        """Shake hands and initialise; the answer to connection_init."""
        assert (await self.accepted())["type"] == "websocket.accept"
        self.say({"type": "connection_init", "payload": payload})
        return await self.hear()

    def subscribe(self, query: str, operation_id: str = "1", **payload: Any) -> None:
        """Start an operation."""
        self.say({"type": "subscribe", "id": operation_id, "payload": {"query": query, **payload}})


def closed(message: Mapping[str, Any]) -> int:
    """The code of a close message; its reason fits a close frame."""
    assert message["type"] == "websocket.close"
    assert len(message["reason"].encode()) <= 123
    return int(message["code"])


def wire(
    app: ASGIApp,
    headers: Mapping[str, str] | None = None,
    subprotocols: tuple[str, ...] = ("graphql-transport-ws",),
    backlog: int = 0,
) -> Wire:
    """A WebSocket to the app."""
    scope = {
        "type": "websocket",
        "path": "/graphql",
        "query_string": b"",
        "headers": _headers({"host": "test", **(headers or {})}),
        "subprotocols": list(subprotocols),
    }
    return Wire(app, scope, backlog)
