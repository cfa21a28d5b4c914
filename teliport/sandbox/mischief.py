"""What the faults do: spoil an answer, or meddle with a number."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http import HTTPStatus

import orjson

from teliport.sandbox.answers import Answer, answer
from teliport.sandbox.connection import Break, Broken
from teliport.sandbox.faults import Action, Fault, Options
from teliport.sandbox.world import World

Effect = Callable[[], Answer]
Spoil = Callable[[World, Options, Effect], Answer]

_PAGE = b"<!doctype html><html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"


def _reset_before(_: World, __: Options, effect: Effect) -> Answer:
    raise Broken(Break.RESET)


def _reset_after(_: World, __: Options, effect: Effect) -> Answer:
    effect()
    raise Broken(Break.RESET)


def _throttle(_: World, options: Options, effect: Effect) -> Answer:
    reply = answer({"error": "Too Many Requests"}, HTTPStatus.TOO_MANY_REQUESTS)
    if options.retry_after is None:
        return reply
    return replace(reply, headers={"Retry-After": str(options.retry_after)})


def _server_fault(status: HTTPStatus, _: World, options: Options, effect: Effect) -> Answer:
    if options.applied:
        effect()
    return answer({"error": status.phrase, "message": "Something went wrong upstream"}, status)


def _truncated(_: World, __: Options, effect: Effect) -> Answer:
    return replace(effect(), truncated=True)


def _html(_: World, options: Options, effect: Effect) -> Answer:
    if options.applied:
        effect()
    return Answer(options.status or 200, _PAGE, content_type="text/html; charset=utf-8")


def _wrong_content_type(_: World, __: Options, effect: Effect) -> Answer:
    return replace(effect(), content_type="text/plain; charset=utf-8")


def _malformed_json(_: World, __: Options, effect: Effect) -> Answer:
    reply = effect()
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def _wrong_number(_: World, __: Options, effect: Effect) -> Answer:
    """The neighbour's number in an answer that is right otherwise."""
    reply = effect()
    body = orjson.loads(reply.body)
    if "telephoneNumber" not in body:
        return reply
    neighbour = int(body["telephoneNumber"]) ^ 1
    return replace(reply, body=orjson.dumps({**body, "telephoneNumber": str(neighbour)}))


def _late_apply(world: World, options: Options, effect: Effect) -> Answer:
    world.later(options.seconds, effect)
    if options.status == 0:
        raise Broken(Break.RESET)
    return _server_fault(HTTPStatus.GATEWAY_TIMEOUT, world, options, effect)


SPOILED: dict[Action, Spoil] = {
    Action.RESET_BEFORE: _reset_before,
    Action.RESET_AFTER: _reset_after,
    Action.THROTTLE: _throttle,
    Action.FAULT_500: partial(_server_fault, HTTPStatus.INTERNAL_SERVER_ERROR),
    Action.FAULT_502: partial(_server_fault, HTTPStatus.BAD_GATEWAY),
    Action.FAULT_503: partial(_server_fault, HTTPStatus.SERVICE_UNAVAILABLE),
    Action.FAULT_504: partial(_server_fault, HTTPStatus.GATEWAY_TIMEOUT),
    Action.TRUNCATED: _truncated,
    Action.HTML: _html,
    Action.WRONG_CONTENT_TYPE: _wrong_content_type,
    Action.MALFORMED_JSON: _malformed_json,
    Action.WRONG_NUMBER: _wrong_number,
    Action.LATE_APPLY: _late_apply,
}
"""The faults that decide the answer; of several that fire, the one that was set first does."""


def meddle(world: World, fault: Fault, tn: str | None) -> None:
    """What somebody else does to the number of the call, when the fault is of that sort."""
    position = world.inventory.find(tn) if tn else None
    if position is None:
        return
    match fault.action:
        case Action.EXPIRE_HOLD:
            world.moves.expire_hold(position)
        case Action.PORT_AWAY:
            world.moves.port_away(position, fault.options.spid)
        case Action.CHANGE_METADATA:
            world.moves.write_metadata(position, fault.options.metadata)
        case Action.STEAL:
            world.moves.hold(position, fault.options.holder)
        case _:
            pass
