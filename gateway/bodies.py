"""HTTP requests to GraphQL requests: size, type and shape checked before anything else looks.

Every way to be malformed ends in `Refused` with a GraphQL error as its body, never in a traceback.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import orjson
from starlette.datastructures import FormData, Headers, QueryParams, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import Receive

from gateway.answers import Refused, refused
from schema.faults import Code, Fault

PREFLIGHT_HEADERS = ("apollo-require-preflight", "x-csrf")
MAX_FILES = 10
TOO_LARGE = "The body may have at most {limit} bytes."
TOO_SLOW = "The body did not arrive in time."
SECONDS = 60.0
UPLOAD_TOO_LARGE = "The files of a request may have 10 MB together; this one is larger."


class ClientGone(Exception):
    """The client closed the connection; nobody waits for an answer."""


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """One GraphQL request, with the types the specification gives its members."""

    query: str | None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Largest bodies in bytes; `upload` is None where multipart is not offered.

    `seconds`: how long a body may take to arrive.
    """

    json: int = 1_000_000
    upload: int | None = None
    seconds: float = SECONDS


class Slow(Refused):
    """The body drips, or nobody sends it any more: what is held for it is better used."""

    def __init__(self) -> None:
        super().__init__(408, Fault(Code.BAD_USER_INPUT, TOO_SLOW), {"connection": "close"})


def may_hold_files(request: Request) -> bool:
    """Whether the request says that its body is a form."""
    return request.headers.get("content-type", "").strip().lower().startswith("multipart/")


async def parsed(request: Request, limits: BodyLimits) -> GraphRequest:
    """The GraphQL request in an HTTP request. Raises Refused and ClientGone."""
    if request.method == "GET":
        _require_preflight(request.headers)
        return _of_mapping(_of_params(request.query_params))
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind == "application/json" and _is_utf8(parameters):
        body = await whole(request.headers, request.receive, limits.json, seconds=limits.seconds)
        return _of_mapping(_json(body, "body"))
    if kind == "multipart/form-data" and limits.upload is not None:
        _require_preflight(request.headers)
        body = await whole(
            request.headers, request.receive, limits.upload, UPLOAD_TOO_LARGE, limits.seconds
        )
        return _of_mapping(await _of_multipart(request.headers, body))
    raise refused(415, "Send the request as application/json in UTF-8.")


async def disconnected(receive: Receive) -> None:
    """Return when the client has hung up; call it only after the body was read."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _require_preflight(headers: Headers) -> None:
    """Refuse what a foreign page could send without asking: a browser adds no such header."""
    if not any(headers.get(name) for name in PREFLIGHT_HEADERS):
        raise refused(
            400,
            f"GET and multipart requests need one of the headers {', '.join(PREFLIGHT_HEADERS)}.",
        )


def _is_utf8(parameters: str) -> bool:
    name, _, value = parameters.strip().partition("=")
    return name.lower() != "charset" or value.strip('" ').lower() in {"utf-8", "utf8"}


async def whole(
    headers: Headers,
    receive: Receive,
    limit: int,
    told: str = TOO_LARGE,
    seconds: float = SECONDS,
) -> bytes:
    """The body, no further than `limit` and no longer than `seconds`. Refused, Slow, ClientGone."""
    declared = headers.get("content-length", "0")
    too_large = refused(413, told.format(limit=limit), connection="close")
    # Not the number itself: of a header of thousands of digits none can be made.
    if not declared.isdecimal() or len(declared) > _LONGEST_LENGTH or int(declared) > limit:
        raise too_large
    try:
        async with asyncio.timeout(seconds):
            return await _taken(receive, limit, too_large)
    except TimeoutError:
        raise Slow from None


_LONGEST_LENGTH = 20


async def _taken(receive: Receive, limit: int, too_large: Refused) -> bytes:
    """The body, chunk by chunk."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        if len(body) > limit:
            raise too_large
        more = message.get("more_body", False)
    return bytes(body)


def _json(text: bytes | str, what: str) -> Any:
    try:
        # orjson refuses what the standard parser lets in: lone surrogates, NaN, endless nesting.
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise refused(400, f"The {what} is not valid JSON.") from None


def _of_params(params: QueryParams) -> dict[str, Any]:
    found: dict[str, Any] = dict(params)
    for name in ("variables", "extensions"):
        if name in found:
            found[name] = _json(found[name], name) if found[name] else None
    return found


def _of_mapping(data: Any) -> GraphRequest:
    if isinstance(data, list):
        raise refused(400, "Batches are not accepted; send one operation per request.")
    if not isinstance(data, dict):
        raise refused(400, "The body must be a JSON object.")
    return GraphRequest(
        query=_member(data, "query", str),
        variables=_member(data, "variables", dict),
        operation_name=_member(data, "operationName", str) or None,
        extensions=_member(data, "extensions", dict),
    )


def _member(data: Mapping[str, Any], name: str, kind: type) -> Any:
    value = data.get(name)
    if value is not None and not isinstance(value, kind):
        expected = "a string" if kind is str else "an object"
        raise refused(400, f"`{name}` must be {expected}.")
    return value


class MemoryParser(MultiPartParser):
    """Starlette's parser without its temporary files: uploads hold PINs (decisions 25)."""

    spool_max_size = 1 << 62


async def _of_multipart(headers: Headers, body: bytes) -> Any:
    """The GraphQL multipart request specification: `operations`, `map`, then the files."""

    async def chunks() -> AsyncIterator[bytes]:
        yield body

    parser = MemoryParser(headers, chunks(), max_files=MAX_FILES, max_fields=2)  # type: ignore[arg-type]
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError):
        raise refused(400, "The multipart body cannot be read.") from None
    try:
        return _placed(form)
    finally:
        await form.close()


def _placed(form: FormData) -> dict[str, Any]:
    """The `operations` with each file where `map` wants it."""
    operations = _json(_text(form.get("operations"), "operations"), "`operations` part")
    placed = _json(_text(form.get("map"), "map"), "`map` part")
    if not isinstance(operations, dict):
        raise refused(400, "`operations` must be one JSON object.")
    if not isinstance(placed, dict):
        raise refused(400, "`map` must be a JSON object.")
    for name, paths in placed.items():
        file = form.get(name)
        if not isinstance(file, UploadFile):
            raise refused(400, "`map` names a file that the body does not have.")
        held = _held(file)
        for path in paths if isinstance(paths, list) else [None]:
            _place(operations, path, held)
    return operations


def _held(file: UploadFile) -> UploadFile:
    """The same file, free of the form, so that the form can be closed at once."""
    content = file.file.read()
    return UploadFile(
        BytesIO(content), size=len(content), filename=file.filename, headers=file.headers
    )


def _text(part: object, name: str) -> str:
    if not isinstance(part, str):
        raise refused(400, f"The multipart body has no `{name}` part.")
    return part


def _place(operations: dict[str, Any], path: object, file: UploadFile) -> None:
    """Put a file where `map` says, which must be a null under `variables`."""
    wrong = refused(400, "`map` must list paths to nulls, such as variables.file.")
    if not isinstance(path, str) or not path.startswith("variables."):
        raise wrong
    *parents, last = path.split(".")
    target: Any = operations
    try:
        for key in parents:
            target = target[_key(target, key)]
        if target[_key(target, last)] is not None:
            raise wrong
        target[_key(target, last)] = file
    except (LookupError, TypeError, ValueError):
        raise wrong from None


def _key(target: object, key: str) -> str | int:
    return int(key) if isinstance(target, list) else key
