"""What an HTTP answer of the carrier means, before anyone looks into it. No I/O, no waiting.

Only an answer in Teliport's own shape is believed: a proxy's HTML page with status 404 says nothing
about a number (research/reliability.md 4.1).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import orjson

from teliport import errors

Payload = Mapping[str, object]

_ANSWERED = frozenset({200, 201, 202})
_REFUSALS: Mapping[int, type[errors.Definitive]] = {
    400: errors.BadRequest,
    401: errors.TokenRejected,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    409: errors.WrongState,
    422: errors.Unprocessable,
}
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 300.0


def payload_of(response: httpx.Response) -> Payload:
    """Return the JSON object of a success; raise the TeliportError that fits anything else."""
    status = response.status_code
    if status == 429:
        # Whoever said it, the carrier or a proxy before it: the call went no further.
        raise errors.RateLimited(
            "too many requests", status=status, retry_after=retry_after(response.headers)
        )
    if status >= 500:
        raise errors.ServerFault(f"the carrier failed with status {status}", status=status)
    body = _object(response)
    if status in _ANSWERED:
        return body
    if status in _REFUSALS and isinstance(body.get("error"), str) and "message" in body:
        raise _refusal(status, body)
    raise errors.UnexpectedAnswer(f"status {status} fits no call", status=status)


def retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds of a Retry-After header, within 1 to 300; None without a readable one."""
    text = headers.get("retry-after", "").strip()
    seconds = float(text) if text.isascii() and text.isdigit() else _until(text, headers)
    return None if seconds is None else min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)


def _until(text: str, headers: httpx.Headers) -> float | None:
    moment = _http_date(text)
    if moment is None:
        return None
    # Counted from the answer's own Date, so that a skewed clock on either side does not matter.
    return (moment - (_http_date(headers.get("date", "")) or datetime.now(UTC))).total_seconds()


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _object(response: httpx.Response) -> Payload:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise _malformed(response, f"content type {kind[:40]!r}")
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        raise _malformed(response, "broken JSON") from None
    if not isinstance(body, dict):
        raise _malformed(response, f"a JSON {type(body).__name__}")
    return body


def _malformed(response: httpx.Response, what: str) -> errors.Malformed:
    status = response.status_code
    return errors.Malformed(f"unreadable answer ({what}, status {status})", status=status)


def _refusal(status: int, body: Payload) -> errors.Definitive:
    kind = _REFUSALS[status]
    if status == 400 and ("position" in body or "validOptions" in body):
        kind = errors.QueryRejected
    position, options = body.get("position"), body.get("validOptions")
    return kind(
        str(body["message"])[:500],
        status=status,
        code=str(body["error"]),
        position=position if isinstance(position, int) else None,
        valid_options=tuple(map(str, options)) if isinstance(options, list) else (),
    )
