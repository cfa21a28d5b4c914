"""`/_sandbox/*`: the sandbox's truth and its switches. No token, no rate limit, loopback only."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from teliport.sandbox import port_control
from teliport.sandbox.answers import Answer, Refused, answer, error
from teliport.sandbox.clock import NotAPeriod, seconds_of
from teliport.sandbox.loopback import is_loopback
from teliport.sandbox.numbers import instant
from teliport.sandbox.switches import set_fault
from teliport.sandbox.world import World

Handle = Callable[[World, Request, dict[str, Any]], Any]


def routes(world: World) -> list[Route]:
    """The control plane of this world."""

    def route(path: str, **handles: Handle) -> Route:
        return Route(path, _endpoint(world, handles), methods=list(handles))

    return [
        route("/_sandbox/health", GET=_health),
        route("/_sandbox/state", GET=_state),
        route("/_sandbox/calls", GET=_calls),
        route("/_sandbox/clock", GET=_time, POST=_clock),
        route("/_sandbox/reset", POST=_reset),
        route("/_sandbox/faults", GET=_faults, POST=_set_fault, DELETE=_clear),
        route("/_sandbox/faults/{id}", DELETE=_clear),
        route("/_sandbox/ports", GET=port_control.ports),
        route("/_sandbox/ports/{id}", GET=port_control.port),
        route("/_sandbox/ports/{id}/reject", POST=port_control.reject),
        route("/_sandbox/ports/{id}/advance", POST=port_control.advance),
        route("/_sandbox/webhooks", GET=port_control.webhooks, POST=port_control.set_receiver),
    ]


def _endpoint(
    world: World, handles: Mapping[str, Handle]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            reply = answer(_handled(world, request, handles, await request.body()))
        except Refused as refused:
            at = instant(world.clock.now())
            reply = error(refused, path=request.url.path, timestamp=at)
        return as_response(reply)

    return endpoint


def as_response(reply: Answer) -> Response:
    """The answer as Starlette sends it."""
    headers = dict(reply.headers)
    return Response(reply.body, reply.status, headers, media_type=reply.content_type)


def _handled(world: World, request: Request, handles: Mapping[str, Handle], body: bytes) -> Any:
    if request.client is None or not is_loopback(request.client.host):
        raise Refused(HTTPStatus.FORBIDDEN, "The control plane serves this machine only")
    try:
        payload = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as fault:
        raise Refused(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {fault}") from fault
    if not isinstance(payload, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "The body must be a JSON object")
    world.catch_up()
    # Starlette lets HEAD in wherever it lets GET in.
    method = "GET" if request.method == "HEAD" else request.method
    return handles[method](world, request, payload)


def _health(world: World, _: Request, __: dict[str, Any]) -> Any:
    return {
        "status": "ok",
        "seed": world.seed,
        "numbers": len(world.inventory.seeded),
        "changed": len(world.inventory.changed),
        "rateLimit": world.rate.limit,
        "faults": len(world.faults.all()),
        "ports": len(world.ports.projects),
        **_time(world, _, __),
    }


def _time(world: World, _: Request, __: dict[str, Any]) -> Any:
    clock = world.clock
    return {
        "now": instant(clock.now()),
        "portNow": instant(clock.port_now()),
        "advancedBySeconds": clock.offset,
        "rate": clock.rate,
    }


def _state(world: World, request: Request, _: dict[str, Any]) -> Any:
    tn = request.query_params.get("tn")
    inventory = world.inventory
    if tn is None:
        counts = {status.value: count for status, count in inventory.counts().items()}
        changed = [inventory.record(position) for position in sorted(inventory.changed)]
        return {"seed": world.seed, "counts": counts, "changed": changed}
    digits = "".join(filter(str.isdecimal, tn))[-10:]
    position = inventory.find(digits)
    if position is None:
        raise Refused(HTTPStatus.NOT_FOUND, f"Number {tn} is not in the inventory")
    return inventory.record(position)


def _calls(world: World, request: Request, _: dict[str, Any]) -> Any:
    since = request.query_params.get("since", "0")
    if not since.isdecimal():
        raise Refused(HTTPStatus.BAD_REQUEST, "since: must be the seq of a call")
    calls = [call.as_json() for call in world.calls.since(int(since))]
    return {"total": world.calls.total, "calls": calls}


def _clock(world: World, request: Request, body: dict[str, Any]) -> Any:
    advance, rate = body.get("advance"), body.get("rate")
    if advance is None and rate is None:
        raise Refused(HTTPStatus.BAD_REQUEST, 'Send {"advance": "P1D"} or {"rate": 60}')
    if rate is not None:
        if not isinstance(rate, int | float) or isinstance(rate, bool) or rate <= 0:
            raise Refused(HTTPStatus.BAD_REQUEST, "rate: must be a number above 0")
        world.set_rate(float(rate))
    if advance is not None:
        try:
            world.advance(seconds_of(str(advance)))
        except NotAPeriod as fault:
            raise Refused(HTTPStatus.BAD_REQUEST, f"advance: {fault}") from fault
    return _time(world, request, body)


def _reset(world: World, request: Request, body: dict[str, Any]) -> Any:
    seed = body.get("seed")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise Refused(HTTPStatus.BAD_REQUEST, "seed: must be a whole number")
    world.reset(seed)
    return _health(world, request, body)


def _faults(world: World, _: Request, __: dict[str, Any]) -> Any:
    return {"faults": [fault.as_json() for fault in world.faults.all()]}


def _set_fault(world: World, _: Request, body: dict[str, Any]) -> Any:
    return {"id": set_fault(world.faults, body).id}


def _clear(world: World, request: Request, _: dict[str, Any]) -> Any:
    fault_id = request.path_params.get("id")
    cleared = world.faults.clear(fault_id)
    if fault_id is not None and not cleared:
        raise Refused(HTTPStatus.NOT_FOUND, f"No fault {fault_id} is set")
    return {"cleared": cleared}
