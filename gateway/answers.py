"""Results and refusals as HTTP responses, as the GraphQL-over-HTTP specification says.

`application/graphql-response+json` gets a status that tells what happened; plain
`application/json` gets 200 for every well-formed request, because old clients stop at a 4xx.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.responses import Response
from strawberry.types.execution import ExecutionResult

from schema.faults import Code, Fault, code_of

COMMON_HEADERS = MappingProxyType(
    {"cache-control": "no-store", "x-content-type-options": "nosniff"}
)
STATUS: Mapping[Code, int] = MappingProxyType(
    {
        Code.UNAUTHENTICATED: 401,
        Code.FORBIDDEN: 403,
        Code.THROTTLED: 429,
        Code.RATE_LIMITED: 429,
        Code.INTERNAL_SERVER_ERROR: 500,
        Code.SERVICE_UNAVAILABLE: 503,
        Code.TIMEOUT: 504,
    }
)


class MediaType(StrEnum):
    """The two forms of a single answer."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"


class Refused(Exception):
    """A request that is turned away before GraphQL: `status` with a GraphQL error as its body."""

    def __init__(self, status: int, fault: Fault, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(fault.message)
        self.status = status
        self.fault = fault
        self.headers = dict(headers or {})


def refused(status: int, message: str, **headers: str) -> Refused:
    """BAD_USER_INPUT with an HTTP status; keyword `Allow="POST"` adds a header."""
    return Refused(status, Fault(Code.BAD_USER_INPUT, message), headers)


def ranges(accept: str | None) -> list[str]:
    """The media types of an `Accept` header, best first, without those of weight 0."""
    weighted = [_weighted(part) for part in (accept or "*/*").split(",")]
    kept = [(quality, name) for quality, name in weighted if quality > 0]
    # `sorted` is stable: equal weights stay in the order the client wrote them.
    return [name for _, name in sorted(kept, key=lambda each: -each[0])]


def _weighted(part: str) -> tuple[float, str]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:]), name
            except ValueError:
                return 0.0, name
    return 1.0, name


def media_type(accept: str | None) -> MediaType:
    """The better of our two forms for this client; JSON for one that names neither."""
    for name in ranges(accept):
        if name == MediaType.GRAPHQL:
            return MediaType.GRAPHQL
        if name in {MediaType.JSON, "application/*", "*/*"}:
            return MediaType.JSON
    return MediaType.JSON


def encoded(body: object) -> bytes:
    """JSON bytes."""
    try:
        return orjson.dumps(body)
    except TypeError:
        # A lone surrogate quoted from the client's query, or an integer beyond 64 bits.
        return json.dumps(body, separators=(",", ":")).encode()


def payload(result: ExecutionResult) -> dict[str, Any]:
    """The response map; without `data` when nothing was executed (specification 7.1)."""
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if not is_request_error(result):
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    return body


def is_request_error(result: ExecutionResult) -> bool:
    """Whether the operation was refused as a whole: an executed one has a path in each error."""
    return result.data is None and not any(error.path for error in result.errors or ())


def answer(result: ExecutionResult, form: MediaType) -> Response:
    """The response to a request that reached GraphQL."""
    status = 200
    if form is MediaType.GRAPHQL and is_request_error(result):
        status = _status(result.errors or ())
    return _response(payload(result), status, form, _retry_after(result.errors or ()))


def refusal(refused_: Refused, form: MediaType, request_id: str) -> Response:
    """The response to a request that did not."""
    fault = refused_.fault
    extensions = {**(fault.extensions or {}), "requestId": request_id}
    body = {"errors": [{"message": fault.message, "extensions": extensions}]}
    headers = {**_retry_after([fault]), **refused_.headers}
    return _response(body, refused_.status, form, headers)


def status_of(code: Code | None) -> int:
    """The HTTP status of a code when the whole request failed with it."""
    return STATUS.get(code, 400) if code else 500


def _status(errors: Sequence[GraphQLError]) -> int:
    return max((status_of(code_of(error)) for error in errors), default=400)


def _retry_after(errors: Iterable[GraphQLError]) -> dict[str, str]:
    waits = [(error.extensions or {}).get("retryAfterSeconds") for error in errors]
    known = [wait for wait in waits if isinstance(wait, int)]
    return {"retry-after": str(max(known))} if known else {}


def _response(body: object, status: int, form: MediaType, headers: Mapping[str, str]) -> Response:
    return Response(
        encoded(body),
        status,
        {**COMMON_HEADERS, **headers},
        media_type=f"{form}; charset=utf-8",
    )
