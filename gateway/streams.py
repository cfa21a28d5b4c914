"""Server-sent events: graphql-sse in its "distinct connections" mode, one operation a request."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any

from starlette.types import Receive, Scope, Send
from strawberry.types.execution import ExecutionResult

from gateway import answers, bodies
from gateway.auth import Credentials, unauthenticated
from gateway.calls import Endpoint
from schema.masking import seal
from schema.terms import Terms

PING = b": ping\r\n\r\n"
COMPLETE = b"event: complete\r\ndata: \r\n\r\n"
# Nginx would otherwise hold events back until its buffer is full.
HEADERS = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no"))


class EventStream:
    """An ASGI response that ends with the operation, the client, or the token.

    It gives back the seat that its maker took for the subject.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        results: AsyncGenerator[ExecutionResult, None],
        credentials: Credentials,
        request_id: str,
    ) -> None:
        self._endpoint = endpoint
        self._results = results
        self._credentials = credentials
        self._request_id = request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until there are no more."""
        common = [(name.encode(), value.encode()) for name, value in answers.COMMON_HEADERS.items()]
        start = {"type": "http.response.start", "status": 200, "headers": [*HEADERS, *common]}
        try:
            await send(start)
            await _first_of(
                self._events(send),
                self._pings(send),
                self._until_expired(send),
                bodies.disconnected(receive),
            )
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._endpoint.seats.leave(self._credentials.actor.subject)

    async def _events(self, send: Send) -> None:
        async with aclosing(self._results):
            async for result in self._results:
                await _send_next(send, result)
        await _send_chunk(send, COMPLETE)

    async def _pings(self, send: Send) -> None:
        while True:
            await asyncio.sleep(self._endpoint.settings.heartbeat)
            await _send_chunk(send, PING)

    async def _until_expired(self, send: Send) -> None:
        await asyncio.sleep(self._credentials.seconds_left())
        expired = unauthenticated("The token has expired.")
        errors = seal([expired], Terms(request_id=self._request_id))
        await _send_next(send, ExecutionResult(data=None, errors=errors))
        await _send_chunk(send, COMPLETE)


async def _first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Run all, and when the first is done cancel the others and wait for their clean-up."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _send_next(send: Send, result: ExecutionResult) -> None:
    # JSON has no raw newline, so one `data` line always holds it.
    await _send_chunk(
        send, b"event: next\r\ndata: " + answers.encoded(answers.payload(result)) + b"\r\n\r\n"
    )


async def _send_chunk(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})
