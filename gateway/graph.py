"""The GraphQL endpoint: HTTP here, event streams in `streams`, WebSockets in `sockets`.

Strawberry executes; the transports are ours (ADR 0021), because the framework's turn 21 kinds of
malformed input into a traceback and share one context among all operations of a socket.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import structlog
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from gateway import answers, bodies
from gateway.answers import Refused, media_type, ranges, refused
from gateway.auth import Authenticator, Credentials, bearer
from gateway.bodies import BodyLimits, ClientGone, GraphRequest
from gateway.calls import ContextFactory, Endpoint, GraphSettings, payer_of, request_id_of
from gateway.sockets import Socket
from gateway.streams import EventStream
from schema.faults import Code, Fault
from schema.guard import GuardedSchema
from schema.masking import INTERNAL

T = TypeVar("T")

log = structlog.get_logger("gateway.graph")

EVENT_STREAM = "text/event-stream"
CUSTOMER_HEADER = "x-customer-id"
REQUEST_HEADERS = (
    "authorization",
    "content-type",
    CUSTOMER_HEADER,
    "x-request-id",
    *bodies.PREFLIGHT_HEADERS,
)
BY_METHOD = {
    "GET": frozenset({OperationType.QUERY}),
    "POST": frozenset({OperationType.QUERY, OperationType.MUTATION}),
}


def create_graphql_app(
    schema: GuardedSchema,
    *,
    context_factory: ContextFactory,
    authenticator: Authenticator,
    settings: GraphSettings,
) -> ASGIApp:
    """The endpoint as an ASGI app for `http` and `websocket` scopes, at whatever path.

    Raises ValueError when an allowed origin is none, or is `*`.
    """
    endpoint = Endpoint(schema, context_factory, settings)
    return CORSMiddleware(
        GraphApp(endpoint, authenticator),
        allow_origins=tuple(endpoint.origins),
        allow_methods=("GET", "POST"),
        allow_headers=REQUEST_HEADERS,
        expose_headers=("x-request-id", "retry-after"),
    )


class GraphApp:
    """The endpoint without CORS."""

    def __init__(self, endpoint: Endpoint, authenticator: Authenticator) -> None:
        self._endpoint = endpoint
        self._authenticator = authenticator
        settings = endpoint.settings
        self._bodies = BodyLimits(
            settings.json_body,
            settings.upload_body if settings.uploads else None,
            settings.body_timeout,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request or one WebSocket."""
        request_id = request_id_of(Headers(scope=scope))
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if scope["type"] == "websocket":
                socket = Socket(self._endpoint, self._authenticator, request_id)
                await socket.serve(scope, receive, send)
            else:
                await self._http(scope, receive, _named(send, request_id), request_id)

    async def _http(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        request = Request(scope, receive)
        form = media_type(request.headers.get("accept"))
        response: ASGIApp
        try:
            response = await self._answer(request, request_id)
        except ClientGone:
            return
        except Refused as error:
            log.info("request_refused", status=error.status, code=error.fault.code)
            response = answers.refusal(error, form, request_id)
        except Fault as fault:
            log.info("request_refused", code=fault.code)
            response = answers.refusal(_as_refused(fault), form, request_id)
        # The boundary: no text of an unexpected exception may reach a client.
        except Exception:
            log.exception("request_failed")
            masked = Fault(Code.INTERNAL_SERVER_ERROR, INTERNAL)
            response = answers.refusal(Refused(500, masked), form, request_id)
        await response(scope, receive, send)

    async def _answer(self, request: Request, request_id: str) -> ASGIApp:
        if request.method not in {"GET", "POST"}:
            raise refused(405, "Use POST, or GET for queries.", allow="GET, POST")
        accepted = ranges(request.headers.get("accept"))
        if request.method == "GET" and "text/html" in accepted:
            raise refused(404, "There is no page here; the explorer is at /admin/graphiql.")
        credentials = await self._credentials(request.headers, request_id)
        async with AsyncExitStack() as held:
            if bodies.may_hold_files(request):
                payer = payer_of(credentials.actor)
                await held.enter_async_context(self._endpoint.hands.hold(payer))
            return await self._answered(request, credentials, request_id)

    async def _answered(
        self, request: Request, credentials: Credentials, request_id: str
    ) -> ASGIApp:
        asked = await bodies.parsed(request, self._bodies)
        asked = self._endpoint.persisted.completed(asked)
        if not asked.query:
            raise refused(400, "The request has no `query`.")
        if _wants_stream(request.headers):
            return await self._stream(request.method, asked, credentials, request_id)
        work = self._execute(request.method, asked, credentials, request_id)
        result = await _unless_gone(request.receive, work)
        return answers.answer(result, media_type(request.headers.get("accept")))

    async def _credentials(self, headers: Mapping[str, str], request_id: str) -> Credentials:
        token = bearer(headers.get("authorization"))
        return await self._authenticator.credentials(
            token, headers.get(CUSTOMER_HEADER), request_id
        )

    async def _execute(
        self, method: str, asked: GraphRequest, credentials: Credentials, request_id: str
    ) -> ExecutionResult:
        try:
            return await self._endpoint.schema.execute(
                asked.query,
                variable_values=asked.variables,
                operation_name=asked.operation_name,
                allowed_operation_types=BY_METHOD[method],
                **self._endpoint.arguments(credentials, request_id),
            )
        except InvalidOperationTypeError as error:
            raise _wrong_transport(error.operation_type) from None

    async def _stream(
        self, method: str, asked: GraphRequest, credentials: Credentials, request_id: str
    ) -> ASGIApp:
        results = await self._endpoint.schema.stream(
            asked.query,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            allowed_operation_types=BY_METHOD[method] | {OperationType.SUBSCRIPTION},
            **self._endpoint.arguments(credentials, request_id),
        )
        self._endpoint.seats.take(credentials.actor.subject)
        return EventStream(self._endpoint, results, credentials, request_id)


def _wants_stream(headers: Mapping[str, str]) -> bool:
    """Whether the client wants an event stream more than anything.

    urql lists text/event-stream last in every plain query, so being mentioned is not enough.
    """
    first = headers.get("accept", "").partition(",")[0]
    return first.partition(";")[0].strip().lower() == EVENT_STREAM


def _wrong_transport(kind: OperationType) -> Refused:
    """A mutation by GET, or a subscription without a stream to carry it."""
    if kind is OperationType.SUBSCRIPTION:
        message = "Subscriptions need a WebSocket, or `accept: text/event-stream`."
        return Refused(400, Fault(Code.OPERATION_RESOLUTION_FAILURE, message))
    fault = Fault(Code.OPERATION_RESOLUTION_FAILURE, "Mutations need POST.")
    return Refused(405, fault, {"allow": "POST"})


def _as_refused(fault: Fault) -> Refused:
    """A fault outside execution with its status; 401 says how to sign in (RFC 6750)."""
    challenge = {"www-authenticate": "Bearer"} if fault.code is Code.UNAUTHENTICATED else {}
    return Refused(answers.status_of(fault.code), fault, challenge)


def _named(send: Send, request_id: str) -> Send:
    """Put the request id on every response, streams included."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            named = (b"x-request-id", request_id.encode())
            message = {**message, "headers": [*message.get("headers", ()), named]}
        await send(message)

    return sending


async def _unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Await `work`, or cancel it as soon as the client hangs up. Raises ClientGone then."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(bodies.disconnected(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientGone
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
