"""What the carrier's answers mean to a customer: TeliportError → Refusal, in this one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from numbering.refusals import (
    CarrierUnavailable,
    Invalid,
    NotFound,
    NumberUnavailable,
    RateLimited,
    Refusal,
)
from teliport import errors


def refusal(
    error: errors.TeliportError, *, path: tuple[str, ...] = (), number: str | None = None
) -> Refusal:
    """The lawful no for a failed call; `number` is the one it was about, if any.

    The carrier's own words stay out of it but for a rejected query, which is the asker's text.
    """
    for kind, worded in _WORDS.items():
        if isinstance(error, kind):
            return worded(error, number).at(*path)
    return CarrierUnavailable(error.retry_after).at(*path)


def _waiting(error: errors.TeliportError, _number: str | None) -> Refusal:
    return RateLimited(error.retry_after)


def _rejected(error: errors.TeliportError, _number: str | None) -> Refusal:
    return Invalid(f"The carrier does not understand the query: {error.message}")


def _unknown(_error: errors.TeliportError, number: str | None) -> Refusal:
    return NotFound("number") if number is None else NumberUnavailable(number)


_WORDS: Mapping[
    type[errors.TeliportError], Callable[[errors.TeliportError, str | None], Refusal]
] = {
    errors.RateLimited: _waiting,
    errors.BudgetExhausted: _waiting,
    errors.QueryRejected: _rejected,
    errors.NotFound: _unknown,
    errors.WrongState: _unknown,
}
