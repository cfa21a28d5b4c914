"""Answers of the carrier: JSON, and its error shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson


class Refused(Exception):
    """The carrier says no. `detail` is what the error body has beyond its four fields."""

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        *,
        detail: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.detail = detail or {}
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back; faults replace parts of it."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    # Announce the whole body, send half of it and hang up.
    truncated: bool = False


def answer(payload: Any, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """A JSON answer."""
    return Answer(status.value, orjson.dumps(payload))


def error(refused: Refused, *, path: str, timestamp: str | None) -> Answer:
    """The error body: `{"error","message","timestamp","path"}` and the refusal's own detail."""
    body = {
        "error": refused.status.phrase,
        "message": refused.message,
        "timestamp": timestamp,
        "path": path,
        **refused.detail,
    }
    return Answer(refused.status.value, orjson.dumps(body), refused.headers)
