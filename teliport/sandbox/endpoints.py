"""The calls of the inventory API: path, permission, and what each does."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from teliport.sandbox import search
from teliport.sandbox.answers import Refused
from teliport.sandbox.ask import Ask, at, text
from teliport.sandbox.config import Permission
from teliport.sandbox.numbers import NumberStatus
from teliport.sandbox.world import World

_TN = re.compile(r"[2-9][0-9]{9}", re.ASCII)
_TN_IN_PATH = re.compile(r"/inventory/numbers/([^/]+)")


def tn_of(path: str) -> str | None:
    """The number that a path names."""
    found = _TN_IN_PATH.search(path)
    return found[1] if found else None


def _position(world: World, ask: Ask) -> int:
    tn = ask.tn or ""
    position = world.inventory.find(tn) if _TN.fullmatch(tn) else None
    if position is None:
        raise Refused(HTTPStatus.NOT_FOUND, f"Number {tn} is not in the inventory")
    return position


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
    position, holder = _position(world, ask), text(ask.json(), "reservedBy")
    world.moves.reserve(position, holder)
    return world.inventory.record(position)


def _assign(world: World, ask: Ask) -> dict[str, Any]:
    position, body = _position(world, ask), ask.json()
    world.moves.assign(position, text(body, "applicationId"), _object(body, "metadata"))
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


ENDPOINTS = (
    at("POST", "/inventory/query", Permission.SEARCH, _query),
    at("POST", "/inventory/query/validate", Permission.SEARCH, _validate),
    at("GET", "/inventory/summary", Permission.SEARCH, _summary),
    at("GET", "/inventory/numbers/{tn}", Permission.SEARCH, _get),
    at("POST", "/inventory/numbers/{tn}/reserve", Permission.RESERVE, _reserve),
    at("POST", "/inventory/numbers/{tn}/assign", Permission.ASSIGN, _assign),
    at("PUT", "/inventory/numbers/{tn}/metadata", Permission.ASSIGN, _metadata),
    at("POST", "/inventory/numbers/{tn}/release", Permission.RELEASE, _release),
)
