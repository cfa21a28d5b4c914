"""The sandbox over real sockets, with a server whose connections an answer can break."""

import asyncio
import socket
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from teliport.sandbox.app import create_app
from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.connection import EXTENSION, Break
from teliport.sandbox.loopback import NotLoopback, is_loopback
from teliport.sandbox.sender import over_http
from teliport.sandbox.world import World

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class BreakableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with the connection's end put into the reach of the application."""

    def on_message_begin(self) -> None:
        """A request begins: offer to break its connection."""
        super().on_message_begin()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]  # a TypedDict of uvicorn's
        scope["extensions"] = {EXTENSION: partial(break_connection, self.transport)}


def break_connection(transport: asyncio.Transport, how: Break) -> None:
    """End a connection: by RST, or by FIN after what was already written."""
    if how is Break.RESET:
        # Lingering for 0 seconds turns the close into a reset: no FIN, unsent bytes are dropped.
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
        )
        transport.abort()
    else:
        transport.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises NotLoopback, OSError when it is taken."""
    if not is_loopback(host):
        message = f"the sandbox serves loopback addresses only, not {host!r}"
        raise NotLoopback(message)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio switches Nagle's algorithm off only where it reads TCP:
    # left at 0, every answer waits 40 ms for the client's delayed acknowledgement.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(512)
    except OSError:
        sock.close()
        raise
    return sock


async def serve(
    config: SandboxConfig,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is told the base URL (`…/api/v1` is the carrier's).

    Raises NotLoopback, BadSecret and, for a port or a data directory that is taken, OSError.
    """
    with listen(host, port) as sock:
        world = World(config)
        try:
            await _serve(world, sock, lambda: ready(url_of(sock)))
        finally:
            world.close()


async def _serve(world: World, sock: socket.socket, ready: Callable[[], None]) -> None:
    settings = uvicorn.Config(
        create_app(world=world),
        http=BreakableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    # The socket listens already: whoever connects now waits in its backlog.
    ready()
    sending = asyncio.create_task(over_http(world))
    try:
        await uvicorn.Server(settings).serve(sockets=[sock])
    finally:
        sending.cancel()
        await asyncio.wait([sending])


def url_of(sock: socket.socket) -> str:
    """The base URL of a listening socket."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
