"""The calls of the inventory API: path, permission, and what each does.

All of it is synchronous, so that a call takes effect at one moment.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson

from teliport.sandbox import search
from teliport.sandbox.answers import Refused
from teliport.sandbox.config import Permission
from teliport.sandbox.numbers import NumberStatus
from teliport.sandbox.world import World

PREFIX = "/api/v1"
_TN = re.compile(r"[2-9][0-9]{9}", re.ASCII)
_TN_IN_PATH = re.compile(r"/inventory/numbers/([^/]+)")


@dataclass(frozen=True, slots=True)
class Ask:
    """A call as it arrived. `path` is the whole one, `tn` the number that it names."""

    method: str
    path: str
    tn: str | None
    params: Mapping[str, str]
    body: bytes

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
    """One call of the contract's table."""

    method: str
    path: re.Pattern[str]
    permission: Permission
    handle: Handle


def tn_of(path: str) -> str | None:
    """The number that a path names."""
    found = _TN_IN_PATH.search(path)
    return found[1] if found else None


def endpoint(method: str, path: str) -> Endpoint:
    """The call of this method and path. Raises Refused: 404 for the path, 405 for the method."""
    here = [known for known in ENDPOINTS if known.path.fullmatch(path.removeprefix(PREFIX))]
    for known in here:
        if known.method == method:
            return known
    if here:
        allowed = ", ".join(known.method for known in here)
        headers = {"Allow": allowed}
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, f"Only {allowed} is served", headers=headers)
    raise Refused(HTTPStatus.NOT_FOUND, "No such resource")


def _position(world: World, ask: Ask) -> int:
    tn = ask.tn or ""
    position = world.inventory.seeded.find(int(tn)) if _TN.fullmatch(tn) else None
    if position is None:
        raise Refused(HTTPStatus.NOT_FOUND, f"Number {tn} is not in the inventory")
    return position


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name}: must be a text that is not empty")
    return value


def _object(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name, {})
    if not isinstance(value, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name}: must be an object")
    return value


def _query(world: World, ask: Ask) -> dict[str, Any]:
    return search.search(ask.json(), world.inventory)


def _validate(_: World, ask: Ask) -> dict[str, Any]:
    return search.validate(ask.json())


def _summary(world: World, ask: Ask) -> dict[str, Any]:
    return search.summary(world.inventory, ask.params.get("spid"))


def _get(world: World, ask: Ask) -> dict[str, Any]:
    position = _position(world, ask)
    gone = world.inventory.number(position).status is NumberStatus.PORTED_OUT
    if gone and world.config.ported_out_is_404:
        raise Refused(HTTPStatus.NOT_FOUND, f"Number {ask.tn} is not in the inventory")
    return world.inventory.record(position)


def _reserve(world: World, ask: Ask) -> dict[str, Any]:
    position, holder = _position(world, ask), _text(ask.json(), "reservedBy")
    world.moves.reserve(position, holder)
    return world.inventory.record(position)


def _assign(world: World, ask: Ask) -> dict[str, Any]:
    position, body = _position(world, ask), ask.json()
    world.moves.assign(position, _text(body, "applicationId"), _object(body, "metadata"))
    return world.inventory.record(position)


def _metadata(world: World, ask: Ask) -> dict[str, Any]:
    position, body = _position(world, ask), ask.json()
    if "metadata" not in body:
        raise Refused(HTTPStatus.BAD_REQUEST, "metadata: is missing")
    world.moves.put_metadata(position, _object(body, "metadata"))
    return world.inventory.record(position)


def _release(world: World, ask: Ask) -> dict[str, Any]:
    position = _position(world, ask)
    ask.json()
    world.moves.release(position)
    return world.inventory.record(position)


def _at(method: str, path: str, permission: Permission, handle: Handle) -> Endpoint:
    return Endpoint(method, re.compile(path.replace("{tn}", "[^/]+")), permission, handle)


ENDPOINTS = (
    _at("POST", "/inventory/query", Permission.SEARCH, _query),
    _at("POST", "/inventory/query/validate", Permission.SEARCH, _validate),
    _at("GET", "/inventory/summary", Permission.SEARCH, _summary),
    _at("GET", "/inventory/numbers/{tn}", Permission.SEARCH, _get),
    _at("POST", "/inventory/numbers/{tn}/reserve", Permission.RESERVE, _reserve),
    _at("POST", "/inventory/numbers/{tn}/assign", Permission.ASSIGN, _assign),
    _at("PUT", "/inventory/numbers/{tn}/metadata", Permission.ASSIGN, _metadata),
    _at("POST", "/inventory/numbers/{tn}/release", Permission.RELEASE, _release),
)
