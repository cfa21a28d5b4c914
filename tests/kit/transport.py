"""The sandbox in process, as an httpx transport: what breaks over a socket breaks here alike.

Unlike httpx.ASGITransport it raises for a broken connection what httpx raises for a real one, and a
caller that gives up does not stop the server: the call still takes effect, as over a network.
"""

import asyncio
from typing import Any

import httpx
from starlette.types import ASGIApp, Message

from teliport.sandbox.connection import EXTENSION, Break


class _Exchange:
    """One request to the application, and what it sent back until the connection ended."""

    def __init__(self, request: httpx.Request, body: bytes) -> None:
        self._request = request
        self._sent: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        self._start: Message = {}
        self._body = b""
        self.broken: Break | None = None

    @property
    def scope(self) -> dict[str, Any]:
        url = self._request.url
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self._request.method,
            "headers": [(name.lower(), value) for name, value in self._request.headers.raw],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "server": (url.host, url.port),
            "client": ("127.0.0.1", 50_000),
            "root_path": "",
            "extensions": {EXTENSION: self._break},
        }

    def _break(self, how: Break) -> None:
        self.broken = how

    async def receive(self) -> Message:
        return self._sent.pop() if self._sent else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._body += message.get("body", b"")

    def response(self) -> httpx.Response:
        match self.broken:
            case Break.REFUSE:
                raise httpx.ConnectError("connection refused", request=self._request)
            case Break.RESET:
                raise httpx.ReadError("connection reset by peer", request=self._request)
            case Break.CLOSE:
                message = "peer closed connection without sending complete message body"
                raise httpx.RemoteProtocolError(message, request=self._request)
        headers = self._start["headers"]
        return httpx.Response(self._start["status"], headers=headers, content=self._body)


class SandboxTransport(httpx.AsyncBaseTransport):
    """Requests go to `app`; calls that their caller gave up on run on until `aclose`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._tasks: set[asyncio.Task[None]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _Exchange(request, await request.aread())
        run = self._app(exchange.scope, exchange.receive, exchange.send)
        task = asyncio.ensure_future(run)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)
        return exchange.response()

    async def settled(self) -> None:
        """Wait until every call has run to its end, those without a waiting caller too."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def aclose(self) -> None:
        """Stop what still runs: a slow answer whose caller has gone."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
