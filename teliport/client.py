"""The one way to the carrier: guard → pace → send → judge → parse, for every call alike.

There are no retries here. What to do after an error depends on what it proves (`errors`), and the
executor that knows it keeps the count.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar

import httpx
import structlog

from numbering.pace import Pace, PaceRefusal, Ticket, Verdict
from teliport import errors
from teliport.call import Call, CallRecord
from teliport.inventory import Inventory
from teliport.judge import Payload, payload_of
from teliport.pace import paced
from teliport.portability import Portability

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, for a whole call, and how long a rejected token (401) stays quiet.

    `overdue` is how much later than the caller's patience the pace may let a call out.
    """

    connect: float = 3.0
    total: float = 30.0
    rejected: float = 30.0
    overdue: float = 5.0


@dataclass(slots=True)
class _Result:
    """What became of a call so far; ABANDONED stands until somebody knows better."""

    started: float = field(default_factory=time.monotonic)
    status: int | None = None
    verdict: Verdict | None = None
    error: errors.TeliportError | None = None


def _ignore(record: CallRecord) -> None:
    """Observe nothing."""


class Teliport:
    """The carrier's client; `async with` it, or `close` it.

    `pace` meters every call, `guard` raises where calls are forbidden (inside a transaction),
    `transport` replaces the network, `observe` sees every finished call. Raises TeliportError only.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        spid: str,
        *,
        pace: Pace,
        guard: Callable[[], None],
        transport: httpx.AsyncBaseTransport | None = None,
        timeouts: Timeouts = Timeouts(),
        observe: Callable[[CallRecord], None] = _ignore,
    ) -> None:
        if not token:
            raise ValueError("the carrier's token is empty")
        self._token = token
        self._pace = pace
        self._guard = guard
        self._timeouts = timeouts
        self._observe = observe
        self._settling: set[asyncio.Task[None]] = set()
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=httpx.Timeout(timeouts.total, connect=timeouts.connect),
            transport=transport,
            # No proxy or netrc of the environment comes between us and a server with our token.
            trust_env=False,
        )
        self.inventory = Inventory(self, spid)
        self.portability = Portability(self, spid)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish settling and close all connections."""
        await asyncio.gather(*self._settling)
        await self._http.aclose()

    async def call(self, call: Call, parse: Callable[[Payload], T]) -> T:
        """Make one call and return `parse` of its JSON object.

        `parse` raises Malformed or UnexpectedAnswer if the object is no answer to this call.
        """
        self._guard()
        result = _Result()
        try:
            return await self._paced(call, parse, result)
        except errors.TeliportError as error:
            result.error = self._tell(error, call, result)
            raise
        finally:
            self._report(call, result)

    async def _paced(self, call: Call, parse: Callable[[Payload], T], result: _Result) -> T:
        try:
            ticket = await self._pace.acquire(call.lane, wait=call.wait)
        except PaceRefusal as refusal:
            raise paced(refusal) from refusal
        result.verdict, wait = Verdict.ABANDONED, None
        try:
            self._refuse_overdue(call, result)
            answer = parse(payload_of(await self._send(call, result)))
            result.verdict = Verdict.OK
        except errors.TeliportError as error:
            result.verdict, wait = self._verdict(error)
            raise
        finally:
            await self._settle(ticket, result.verdict, wait)
        return answer

    def _refuse_overdue(self, call: Call, result: _Result) -> None:
        """A process that was stopped while it waited must not send what it was asked to back then.

        The lease of the operation may be gone, the number in other hands (reliability.md 4.1).
        """
        waited = time.monotonic() - result.started
        if waited > call.wait + self._timeouts.overdue:
            raise errors.NotSent("the turn came too late", request_sent=False)

    async def _send(self, call: Call, result: _Result) -> httpx.Response:
        try:
            # httpx times each chunk; a server that trickles would hold us for ever.
            async with asyncio.timeout(self._timeouts.total):
                response = await self._http.send(self._request(call))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as fault:
            raise errors.ConnectFailed(
                _named("no connection", fault), request_sent=False
            ) from fault
        except (httpx.PoolTimeout, httpx.LocalProtocolError, httpx.UnsupportedProtocol) as fault:
            raise errors.NotSent(_named("not sent", fault), request_sent=False) from fault
        except (TimeoutError, httpx.TimeoutException) as fault:
            raise errors.TimedOut(_named("no answer in time", fault)) from fault
        except httpx.DecodingError as fault:
            raise errors.Malformed(_named("unreadable answer", fault)) from fault
        except httpx.TransportError as fault:
            raise errors.ConnectionLost(_named("connection lost", fault)) from fault
        result.status = response.status_code
        return response

    def _request(self, call: Call) -> httpx.Request:
        if call.files:
            parts = {
                field: (part.name, part.content, part.media_type)
                for field, part in call.files.items()
            }
            return self._http.build_request(call.method, call.path, files=parts)
        # ASCII escapes: a lone surrogate that a user typed must not break the encoder.
        body = None if call.body is None else json.dumps(call.body, allow_nan=False).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self._http.build_request(
            call.method, call.path, params=call.query or None, content=body, headers=headers
        )

    def _tell(
        self, error: errors.TeliportError, call: Call, result: _Result
    ) -> errors.TeliportError:
        """Add the call to the error, and take out the token should the carrier have echoed it."""
        error.method, error.path, error.is_read = call.method, call.template, call.is_read
        error.status = result.status
        error.message = error.message.replace(self._token, "***")
        error.args = (error.message,)
        return error

    def _verdict(self, error: errors.TeliportError) -> tuple[Verdict, float | None]:
        match error:
            case errors.RateLimited():
                return Verdict.THROTTLED, error.retry_after
            case errors.TokenRejected():
                # Nobody's call can succeed: the whole token rests (research/reliability.md 4.1).
                return Verdict.UNAUTHORIZED, self._timeouts.rejected
            case errors.PermissionDenied():
                return Verdict.UNAUTHORIZED, None
            case errors.Definitive():
                return Verdict.REFUSED, None
            case errors.NotSent():
                return Verdict.ABANDONED, None
            case _:
                return Verdict.FAILED, None

    async def _settle(self, ticket: Ticket, verdict: Verdict, wait: float | None) -> None:
        # A caller that is cancelled must not take the settlement with it: the slot would stay
        # held, and a probe of the breaker unanswered, until their time runs out.
        task = asyncio.create_task(ticket.settle(verdict, wait))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        await asyncio.shield(task)

    def _report(self, call: Call, result: _Result) -> None:
        record = CallRecord(
            method=call.method,
            path=call.template,
            lane=call.lane,
            status=result.status,
            verdict=result.verdict,
            error=type(result.error).__name__ if result.error else None,
            seconds=time.monotonic() - result.started,
        )
        log.info(
            "teliport.call",
            method=record.method,
            path=record.path,
            lane=record.lane.value,
            status=record.status,
            verdict=record.verdict.value if record.verdict else None,
            error=record.error,
            ms=round(record.seconds * 1000, 1),
        )
        self._observe(record)


def _named(what: str, fault: Exception) -> str:
    # The class only: texts of lower layers may quote headers, and ours hold the token.
    return f"{what} ({type(fault).__name__})"
