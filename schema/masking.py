"""Errors on their way out: what a client reads, what the log keeps.

Only errors that were written for clients pass: those with one of our codes, refusals that no
payload caught, and graphql-core's own about the client's input. Everything else becomes one
sentence and the request id.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import structlog
from graphql import GraphQLError, Node, ValueNode, VariableNode
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.exceptions import InvalidOperationTypeError

from numbering import refusals
from schema.faults import Code, code_of
from schema.terms import Terms

log = structlog.get_logger("schema.guard")

INTERNAL = "Something went wrong on our side. Tell support the requestId in this error."
UNAVAILABLE = "The service is busy or restarting. Ask again in a few seconds."
BUSY_RETRY_SECONDS = 2
# A query has no payload to carry a refusal, so it comes out as an error; all others are the input.
REFUSED: Mapping[refusals.RefusalCode, Code] = MappingProxyType(
    {
        refusals.RefusalCode.RATE_LIMITED: Code.RATE_LIMITED,
        refusals.RefusalCode.UPSTREAM_UNAVAILABLE: Code.SERVICE_UNAVAILABLE,
    }
)


def seal(errors: Iterable[GraphQLError], terms: Terms) -> list[GraphQLError]:
    """The errors as the client may see them, each with `code` and `requestId`; logs them once.

    A failed batch is one exception under many fields: it is logged once.
    """
    sealed: list[GraphQLError] = []
    seen: set[int] = set()
    for error in errors:
        root = cause_of(error)
        code = _code(error, root, terms)
        if id(root) not in seen:
            seen.add(id(root))
            _record(error, root, code, terms)
        sealed.append(_public(error, root, code, terms))
    return sealed


def cause_of(error: GraphQLError) -> Exception:
    """The exception a GraphQLError was made from, through every wrapping."""
    root: Exception = error
    while isinstance(root, GraphQLError) and isinstance(root.original_error, Exception):
        root = root.original_error
    return root


def _code(error: GraphQLError, root: Exception, terms: Terms) -> Code:
    if isinstance(root, terms.unavailable):
        return Code.SERVICE_UNAVAILABLE
    if isinstance(root, refusals.Refusal):
        return REFUSED.get(root.code, Code.BAD_USER_INPUT)
    if isinstance(root, InvalidOperationTypeError):
        return Code.OPERATION_RESOLUTION_FAILURE
    if not isinstance(root, GraphQLError):
        return Code.INTERNAL_SERVER_ERROR
    return code_of(root) or _code_of_core(error, root)


def _code_of_core(error: GraphQLError, root: GraphQLError) -> Code:
    """An error of graphql-core without a code: about the client's input, or about our answer?

    Before execution (no path) it can only be the variables. Under a field it is the input only
    when it points at a value in the document; "Enum 'X' cannot represent value …" points at the
    field and quotes what we were about to answer.
    """
    if error.path is None or isinstance(root, StrawberryInputCoercionError):
        return Code.BAD_USER_INPUT
    return Code.BAD_USER_INPUT if _points_at_value(root.nodes) else Code.INTERNAL_SERVER_ERROR


def _points_at_value(nodes: Sequence[Node] | None) -> bool:
    return any(isinstance(node, ValueNode | VariableNode) for node in nodes or ())


def _public(error: GraphQLError, root: Exception, code: Code, terms: Terms) -> GraphQLError:
    message, extensions = _told(error, root, code, terms)
    return GraphQLError(
        message,
        error.nodes,
        error.source,
        error.positions,
        error.path,
        extensions={**extensions, "code": code.value, "requestId": terms.request_id},
    )


def _told(
    error: GraphQLError, root: Exception, code: Code, terms: Terms
) -> tuple[str, Mapping[str, object]]:
    if isinstance(root, terms.unavailable):
        return UNAVAILABLE, {"retryAfterSeconds": BUSY_RETRY_SECONDS}
    if code is Code.INTERNAL_SERVER_ERROR:
        return INTERNAL, {}
    wait = getattr(root, "retry_after", None)
    extensions = dict(error.extensions or {})
    if isinstance(root, refusals.Refusal) and wait is not None:
        extensions["retryAfterSeconds"] = math.ceil(wait)
    return unquoted(error.message), extensions


# How graphql-core ends a message with the whole value that it could not read.
_QUOTE = re.compile(r"(cannot represent [^:]*value|\b[Ff]ound): .+\Z", re.DOTALL)


def unquoted(message: str) -> str:
    """The message without the value that was sent: beside a typing error there may be a PIN."""
    return _QUOTE.sub(r"\1: (not shown)", message)


def _record(error: GraphQLError, root: Exception, code: Code, terms: Terms) -> None:
    facts = {"request_id": terms.request_id, "code": code.value, "path": error.path}
    if code is Code.INTERNAL_SERVER_ERROR:
        log.error("operation_failed", **facts, exc_info=root)
    elif code is Code.SERVICE_UNAVAILABLE:
        log.warning("operation_unavailable", **facts, error=type(root).__name__)
    else:
        # No message: it may quote what the client sent, a PIN for instance.
        log.info("operation_refused", **facts)
