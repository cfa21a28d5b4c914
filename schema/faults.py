"""The top-level errors a client can meet, and the only way this floor says one.

A code outside `Code` never leaves the process: the guard masks whatever does not carry one.
"""

from collections.abc import Sequence
from enum import StrEnum

from graphql import GraphQLError, Node


class Code(StrEnum):
    """Every value of `extensions.code`."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    THROTTLED = "THROTTLED"
    RATE_LIMITED = "RATE_LIMITED"
    TIMEOUT = "TIMEOUT"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


CODES = {code.value: code for code in Code}


class Fault(GraphQLError):
    """A top-level error whose message was written for the client.

    `retry_after` is in whole seconds and says when asking again makes sense.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        nodes: Sequence[Node] | Node | None = None,
        retry_after: int | None = None,
    ) -> None:
        extensions: dict[str, object] = {"code": code.value}
        if retry_after is not None:
            extensions["retryAfterSeconds"] = retry_after
        super().__init__(message, nodes, extensions=extensions)
        self.code = code
        self.retry_after = retry_after


def code_of(error: GraphQLError) -> Code | None:
    """The code an error carries, or None when it carries none of ours."""
    value = (error.extensions or {}).get("code")
    return CODES.get(value) if isinstance(value, str) else None
