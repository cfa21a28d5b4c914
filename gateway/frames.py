"""graphql-transport-ws messages as they arrive, checked down to the type of each member."""

from dataclasses import dataclass
from typing import Any

import orjson

MAX_ID = 255
MAX_LENGTH = 262_144


class BadFrame(Exception):
    """A frame that breaks the protocol; the socket closes with 4400 and this reason."""


@dataclass(frozen=True, slots=True)
class Init:
    """connection_init."""

    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ping:
    """ping; the answer carries the same payload."""

    payload: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Pong:
    """pong."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """subscribe: start an operation of any kind."""

    id: str
    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


@dataclass(frozen=True, slots=True)
class Complete:
    """complete: the client wants no more of this operation."""

    id: str


Frame = Init | Ping | Pong | Subscribe | Complete


def read(text: str) -> Frame:
    """The message in a text frame. Raises BadFrame."""
    if len(text) > MAX_LENGTH:
        raise BadFrame(f"A message may have at most {MAX_LENGTH} characters")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadFrame("The message is not valid JSON") from None
    if not isinstance(message, dict):
        raise BadFrame("The message is not a JSON object")
    match message.get("type"):
        case "connection_init":
            return Init(_object(message, "payload") or {})
        case "ping":
            return Ping(_object(message, "payload"))
        case "pong":
            return Pong()
        case "subscribe":
            return _subscribe(_id(message), _object(message, "payload") or {})
        case "complete":
            return Complete(_id(message))
    raise BadFrame("The message has an unknown type")


def _subscribe(operation_id: str, payload: dict[str, Any]) -> Subscribe:
    query = _text(payload, "query")
    if query is None:
        raise BadFrame("subscribe needs a payload with a query")
    _object(payload, "extensions")
    return Subscribe(
        operation_id,
        query,
        _object(payload, "variables"),
        _text(payload, "operationName") or None,
    )


def _id(message: dict[str, Any]) -> str:
    value = message.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID:
        raise BadFrame(f"id must be a string of 1 to {MAX_ID} characters")
    return value


def _object(holder: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = holder.get(name)
    if value is not None and not isinstance(value, dict):
        raise BadFrame(f"{name} must be an object")
    return value


def _text(holder: dict[str, Any], name: str) -> str | None:
    value = holder.get(name)
    if value is not None and not isinstance(value, str):
        raise BadFrame(f"{name} must be a string")
    return value
