"""Why a request as a whole (or one field of it) is refused, for the `errors` of the response.

A refusal of a business act is data (numbering.refusals, in the payload); a rejection says that the
question itself cannot be answered: nobody asks, the role may not ask, the argument makes no sense,
the carrier's budget is spent. It is a GraphQLError so that every transport carries its code.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from graphql import GraphQLError

from numbering.refusals import Refusal, RefusalCode, Wait


class RejectionCode(StrEnum):
    """The `extensions.code` values this floor gives; signing in, parsing and limits have others."""

    FORBIDDEN = "FORBIDDEN"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    RATE_LIMITED = "RATE_LIMITED"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"


class Rejection(GraphQLError):
    """A top-level error with a public message and `extensions.code`.

    `argument` is the path to the offending argument ("where.customerId"); `retry_after` is in
    whole seconds and tells when asking again makes sense.
    """

    def __init__(
        self,
        code: RejectionCode,
        message: str,
        *,
        argument: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        extensions: dict[str, object] = {"code": code.value}
        if argument is not None:
            extensions["argument"] = argument
        if retry_after is not None:
            extensions["retryAfterSeconds"] = retry_after
        super().__init__(message, extensions=extensions)
        self.code = code


def bad_input(argument: str, message: str) -> Rejection:
    """BAD_USER_INPUT that names the argument and says what would be accepted."""
    return Rejection(RejectionCode.BAD_USER_INPUT, f"{argument}: {message}", argument=argument)


_BUSY = {
    RefusalCode.RATE_LIMITED: RejectionCode.RATE_LIMITED,
    RefusalCode.UPSTREAM_UNAVAILABLE: RejectionCode.SERVICE_UNAVAILABLE,
}


@contextmanager
def on_top(argument: str) -> Iterator[None]:
    """Around what refuses on behalf of a query, which has no `errors` to put a refusal in."""
    try:
        yield
    except Refusal as refusal:
        raise _rejection(refusal, argument) from None


def _rejection(refusal: Refusal, argument: str) -> Rejection:
    path = ".".join(refusal.path if refusal.path[:1] == (argument,) else (argument, *refusal.path))
    if isinstance(refusal, Wait):
        code = _BUSY[refusal.code]
        return Rejection(code, refusal.message, retry_after=refusal.retry_after)
    return bad_input(path, refusal.message)
