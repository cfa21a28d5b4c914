"""WebSockets: the graphql-transport-ws protocol, and nothing of the older graphql-ws.

Follows PROTOCOL.md of the graphql-ws package. Where Strawberry closes the whole socket (a syntax
error, an unknown operationName) this sends an `error` message: other subscriptions live on it.
"""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import aclosing, suppress
from enum import IntEnum
from typing import Any

import structlog
from graphql import GraphQLError
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected
from strawberry.http.websocket_origin import is_same_origin, normalize_origin
from strawberry.types.execution import PreExecutionError

from gateway import answers, frames
from gateway.auth import Authenticator, Credentials, bearer
from gateway.calls import Endpoint
from gateway.frames import BadFrame, Complete, Frame, Init, Ping, Subscribe
from schema.faults import Code, Fault
from schema.masking import seal
from schema.terms import Terms

PROTOCOL = "graphql-transport-ws"
MAX_REASON = 123

log = structlog.get_logger("gateway.sockets")


class Close(IntEnum):
    """Close codes of the protocol. Clients reconnect after 4403, with a new token, not after the
    others."""

    BAD_FRAME = 4400
    NOT_INITIALISED = 4401
    FORBIDDEN = 4403
    WRONG_PROTOCOL = 4406
    INIT_TIMEOUT = 4408
    DUPLICATE_ID = 4409
    TOO_MANY = 4429
    TRY_LATER = 1013


class Closing(Exception):
    """Ends the conversation with a code and a reason that the client reads."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Socket:
    """One connection from handshake to close."""

    def __init__(self, endpoint: Endpoint, authenticator: Authenticator, request_id: str) -> None:
        self._endpoint = endpoint
        self._authenticator = authenticator
        self._request_id = request_id
        self._operations: dict[str, asyncio.Task[None]] = {}
        # Also those that the client completed and that are still cleaning up.
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = 0
        self._ws: WebSocket

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the conversation. Never raises for anything that a client does."""
        self._ws = WebSocket(scope, receive, send)
        if not _origin_allowed(Headers(scope=scope), self._endpoint.origins):
            log.info("socket_refused", origin=Headers(scope=scope).get("origin"))
            # Closing before accepting makes the server answer the handshake with 403.
            await self._ws.close(1008)
            return
        offered = PROTOCOL in scope.get("subprotocols", ())
        await self._ws.accept(PROTOCOL if offered else None)
        with suppress(WebSocketDisconnect, WebSocketDisconnected):
            try:
                if not offered:
                    raise Closing(Close.WRONG_PROTOCOL, "Subprotocol not acceptable")
                await self._converse()
            except Closing as closing:
                await self._close(closing)

    async def _converse(self) -> None:
        try:
            async with asyncio.timeout(self._endpoint.settings.init_timeout):
                credentials = await self._greet()
        except TimeoutError:
            raise Closing(Close.INIT_TIMEOUT, "Connection initialisation timeout") from None
        subject = credentials.actor.subject
        try:
            self._endpoint.seats.take(subject)
        except Fault as fault:
            raise Closing(Close.TOO_MANY, fault.message) from None
        try:
            await self._send({"type": "connection_ack"})
            await self._until_expired(credentials)
        finally:
            self._endpoint.seats.leave(subject)
            await self._stop_all()

    async def _greet(self) -> Credentials:
        """Wait for connection_init and take its token. Pings may come before it."""
        while True:
            frame = await self._receive()
            if isinstance(frame, Init):
                return await self._sign_in(frame.payload)
            if isinstance(frame, Subscribe):
                raise Closing(Close.NOT_INITIALISED, "Unauthorized")
            if isinstance(frame, Ping):
                await self._pong(frame)

    async def _sign_in(self, payload: dict[str, Any]) -> Credentials:
        said = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
        try:
            return await self._authenticator.credentials(
                bearer(said.get("authorization")), said.get("x-customer-id"), self._request_id
            )
        except Fault as fault:
            log.info("socket_refused", code=fault.code)
            code = Close.TRY_LATER if fault.code is Code.SERVICE_UNAVAILABLE else Close.FORBIDDEN
            raise Closing(code, fault.message) from None

    async def _until_expired(self, credentials: Credentials) -> None:
        try:
            async with asyncio.timeout(credentials.seconds_left()):
                while True:
                    await self._handle(await self._receive(), credentials)
        except TimeoutError:
            raise Closing(Close.FORBIDDEN, "The token has expired") from None

    async def _handle(self, frame: Frame, credentials: Credentials) -> None:
        match frame:
            case Init():
                raise Closing(Close.TOO_MANY, "Too many initialisation requests")
            case Ping():
                await self._pong(frame)
            case Subscribe():
                await self._subscribe(frame, credentials)
            case Complete():
                task = self._operations.pop(frame.id, None)
                if task:
                    task.cancel()

    async def _subscribe(self, frame: Subscribe, credentials: Credentials) -> None:
        if frame.id in self._operations:
            raise Closing(Close.DUPLICATE_ID, f"Subscriber for {frame.id} already exists")
        self._started += 1
        request_id = f"{self._request_id}.{self._started}"
        if len(self._operations) >= self._endpoint.settings.operations_per_socket:
            fault = Fault(Code.THROTTLED, "Too many operations are open on this connection.")
            await self._end(frame.id, seal([fault], Terms(request_id=request_id)))
            return
        task = asyncio.create_task(self._operate(frame, credentials, request_id))
        self._operations[frame.id] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _operate(self, frame: Subscribe, credentials: Credentials, request_id: str) -> None:
        """Run one operation, on a context of its own, and say how it ended."""
        try:
            errors = await self._relay(frame, self._endpoint.arguments(credentials, request_id))
            await self._end(frame.id, errors)
        except (WebSocketDisconnect, WebSocketDisconnected):
            return
        except Exception as error:  # noqa: BLE001 - the boundary: the socket outlives a defect in one operation
            failure = GraphQLError(str(error), original_error=error)
            await self._end(frame.id, seal([failure], Terms(request_id=request_id)))

    async def _relay(self, frame: Subscribe, who: dict[str, Any]) -> Sequence[GraphQLError]:
        """Send each result; answers with the errors of an operation refused as a whole."""
        results = await self._endpoint.schema.stream(
            frame.query,
            variable_values=frame.variables,
            operation_name=frame.operation_name,
            **who,
        )
        async with aclosing(results):
            async for result in results:
                if isinstance(result, PreExecutionError) or answers.is_request_error(result):
                    return result.errors or []
                payload = answers.payload(result)
                await self._send({"type": "next", "id": frame.id, "payload": payload})
        return []

    async def _end(self, operation_id: str, errors: Sequence[GraphQLError] = ()) -> None:
        # Forgotten first: a client may use the id again as soon as it reads this message.
        if self._operations.get(operation_id) is asyncio.current_task():
            del self._operations[operation_id]
        if errors:
            message = [error.formatted for error in errors]
            await self._send({"type": "error", "id": operation_id, "payload": message})
        else:
            await self._send({"type": "complete", "id": operation_id})

    async def _stop_all(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self) -> Frame:
        message = await self._ws.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"], message.get("reason"))
        text = message.get("text")
        if text is None:
            raise Closing(Close.BAD_FRAME, "Messages must be text frames")
        try:
            return frames.read(text)
        except BadFrame as error:
            raise Closing(Close.BAD_FRAME, str(error)) from None

    async def _pong(self, ping: Ping) -> None:
        payload = {} if ping.payload is None else {"payload": ping.payload}
        await self._send({"type": "pong", **payload})

    async def _send(self, message: dict[str, Any]) -> None:
        # Text, never bytes: clients refuse binary frames.
        await self._ws.send_text(answers.encoded(message).decode())

    async def _close(self, closing: Closing) -> None:
        reason = closing.reason.encode()[:MAX_REASON].decode(errors="ignore")
        await self._ws.close(closing.code, reason)


def _origin_allowed(headers: Headers, allowed: Collection[str]) -> bool:
    """Browsers name the page's origin, and the page must be one of ours; programs name none."""
    origin = headers.get("origin")
    if origin is None or is_same_origin(origin, headers.get("host")):
        return True
    return normalize_origin(origin) in allowed
