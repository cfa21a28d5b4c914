"""The sandbox as an ASGI application: the carrier's API, and its switches."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from teliport.sandbox import control
from teliport.sandbox.answers import Answer
from teliport.sandbox.api import PREFIX
from teliport.sandbox.ask import Ask
from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.connection import Break, Broken, cut
from teliport.sandbox.desk import Desk
from teliport.sandbox.endpoints import tn_of
from teliport.sandbox.world import World


def create_app(config: SandboxConfig | None = None, *, world: World | None = None) -> Starlette:
    """A sandbox with its own world, or over one that the caller has made (and will close)."""
    world = world or World(config or SandboxConfig())
    app = Starlette(routes=[*control.routes(world), Mount(PREFIX, Carrier(Desk(world)))])
    app.state.world = world
    return app


class Carrier:
    """The carrier's API. Plain ASGI, because some of its answers are broken connections."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._answer(Request(scope, receive))
        except Broken as broken:
            await cut(scope, receive, broken.how)
            return
        if reply.truncated:
            await _send_half(reply, scope, receive, send)
            return
        await control.as_response(reply)(scope, receive, send)

    async def _answer(self, request: Request) -> Answer:
        path = request.scope["path"]
        tn = tn_of(path)
        call = self._desk.arrive(request.method, path, tn)
        kind = request.headers.get("content-type", "")
        ask = Ask(request.method, path, tn, request.query_params, await request.body(), kind)
        return await self._desk.answer(call, ask, request.headers)


async def _send_half(reply: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", b"%d" % len(reply.body)),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    half = reply.body[: len(reply.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    await cut(scope, receive, Break.CLOSE)
