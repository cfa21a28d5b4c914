"""Breaking a connection from inside an ASGI application.

Whoever runs the application puts a `Cut` into the scope's extensions: the real server cuts the
socket, the in-process transport of the tests raises what a client would have seen.
"""

from collections.abc import Callable
from enum import Enum, auto

from starlette.types import Receive, Scope

EXTENSION = "teliport.cut"


class Break(Enum):
    """How the connection ends."""

    REFUSE = auto()  # closed before the request was read
    RESET = auto()  # a TCP RST, with no answer or in the middle of one
    CLOSE = auto()  # what was written is still sent, then the end: a truncated answer


Cut = Callable[[Break], None]


class Broken(Exception):
    """The connection is to be broken instead of answered."""

    def __init__(self, how: Break) -> None:
        super().__init__(how.name)
        self.how = how


async def cut(scope: Scope, receive: Receive, how: Break) -> None:
    """Break this request's connection and wait until the server has noticed."""
    breaking: Cut = scope["extensions"][EXTENSION]
    breaking(how)
    while (await receive())["type"] != "http.disconnect":
        pass
