"""A carrier call as it arrived, and how a row of the contract's table is written down.

What a call does is synchronous, so that it takes effect at one moment.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson

from teliport.sandbox.answers import Refused
from teliport.sandbox.config import Permission
from teliport.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Ask:
    """A call as it arrived. `path` is the whole one, `tn` the number that it names."""

    method: str
    path: str
    tn: str | None
    params: Mapping[str, str]
    body: bytes
    content_type: str = ""

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty one is `{}`."""
        try:
            payload = orjson.loads(self.body or b"{}")
        except orjson.JSONDecodeError as fault:
            raise Refused(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {fault}") from fault
        if not isinstance(payload, dict):
            raise Refused(HTTPStatus.BAD_REQUEST, "The body must be a JSON object")
        return payload


Handle = Callable[[World, Ask], Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call of the contract's table, and the status of its success."""

    method: str
    path: re.Pattern[str]
    permission: Permission
    handle: Handle
    status: HTTPStatus = HTTPStatus.OK


def at(
    method: str,
    path: str,
    permission: Permission,
    handle: Handle,
    status: HTTPStatus = HTTPStatus.OK,
) -> Endpoint:
    """A call whose path is written with `{names}` for its changing segments."""
    return Endpoint(
        method, re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), permission, handle, status
    )


def text(body: Mapping[str, Any], name: str) -> str:
    """A text of the body that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name}: must be a text that is not empty")
    return value
