"""A call from its arrival to its answer: log, token, rate, permission, effect, and what goes wrong.

The order is that of a real front door. Refused connections never arrived; calls over the limit
use up no fault; a fault that answers in the carrier's place does so after the token was checked.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from teliport.sandbox import mischief
from teliport.sandbox.answers import Answer, Refused, answer, error
from teliport.sandbox.api import endpoint
from teliport.sandbox.ask import Ask, Endpoint
from teliport.sandbox.calls import Call
from teliport.sandbox.config import Permission
from teliport.sandbox.connection import Break, Broken
from teliport.sandbox.faults import Action, Fault
from teliport.sandbox.numbers import instant
from teliport.sandbox.world import World


class Desk:
    """Answers carrier calls for one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def arrive(self, method: str, path: str, tn: str | None) -> Call:
        """Log an arrival. Raises Broken when the connection is to be refused unread."""
        world = self._world
        world.catch_up()
        now, wall = world.clock.now(), world.clock.wall()
        call = world.calls.open(at=now, wall=wall, method=method, path=path, tn=tn)
        refusing = world.faults.due(method, path, tn, refusing=True)
        if refusing:
            call.faults.extend(fault.id for fault in refusing)
            raise Broken(Break.REFUSE)
        return call

    async def answer(self, call: Call, ask: Ask, headers: Mapping[str, str]) -> Answer:
        """The answer to this call. Raises Broken when there is to be none."""
        try:
            permissions = self._admitted(headers.get("authorization", ""))
        except Refused as refused:
            reply = self._refusal(ask, refused)
        else:
            reply = await self._after_faults(call, ask, permissions)
        call.status = reply.status
        return reply

    def _admitted(self, authorization: str) -> frozenset[Permission]:
        scheme, _, token = authorization.partition(" ")
        permissions = self._world.tokens.get(token.strip())
        if scheme.lower() != "bearer" or permissions is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, "The token is missing or unknown")
        wait = self._world.rate.arrive(token.strip())
        if wait is not None:
            headers = {"Retry-After": str(wait)} if self._world.config.retry_after else {}
            message = f"More than {self._world.rate.limit} calls in 60 seconds"
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, message, headers=headers)
        return permissions

    async def _after_faults(
        self, call: Call, ask: Ask, permissions: frozenset[Permission]
    ) -> Answer:
        world = self._world
        fired = world.faults.due(ask.method, ask.path, ask.tn, refusing=False)
        call.faults.extend(fault.id for fault in fired)

        def effect() -> Answer:
            return self._effect(call, ask, permissions)

        await self._meanwhile(fired, ask, "before")
        reply = self._reply(fired, effect)
        await self._meanwhile(fired, ask, "after")
        return reply

    async def _meanwhile(self, fired: list[Fault], ask: Ask, when: str) -> None:
        """Delays, and what others do to the number behind the caller's back."""
        for fault in fired:
            if fault.options.when != when:
                continue
            if fault.action is Action.SLOW:
                await self._world.clock.sleep(fault.options.seconds)
                self._world.catch_up()
            mischief.meddle(self._world, fault, ask.tn)

    def _reply(self, fired: list[Fault], effect: Callable[[], Answer]) -> Answer:
        for fault in fired:
            spoil = mischief.SPOILED.get(fault.action)
            if spoil is not None:
                return spoil(self._world, fault.options, effect)
        return effect()

    def _effect(self, call: Call, ask: Ask, permissions: frozenset[Permission]) -> Answer:
        """Do what the call asks, at once and whole."""
        before = self._world.writes
        try:
            found = endpoint(ask.method, ask.path)
            _permit(found, permissions)
            return answer(found.handle(self._world, ask), found.status)
        except Refused as refused:
            return self._refusal(ask, refused)
        finally:
            call.applied = self._world.writes > before

    def _refusal(self, ask: Ask, refused: Refused) -> Answer:
        return error(refused, path=ask.path, timestamp=instant(self._world.clock.now()))


def _permit(found: Endpoint, permissions: frozenset[Permission]) -> None:
    if found.permission not in permissions:
        message = f"The token lacks the permission {found.permission.value}"
        raise Refused(HTTPStatus.FORBIDDEN, message)
