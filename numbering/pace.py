"""The protocol between the carrier client, which must pace itself, and the store that meters it.

The client (`teliport`) and the budget (`db`) are siblings that must not know each other, so what
they say to each other lives on the floor below both. All durations are seconds as floats.
"""

from enum import StrEnum
from typing import Protocol

from numbering.lanes import Lane


class Verdict(StrEnum):
    """What one call to the carrier taught us about the carrier's health."""

    OK = "OK"
    REFUSED = "REFUSED"
    """A lawful no (4xx): the carrier is alive."""
    THROTTLED = "THROTTLED"
    """429: certainly not applied; everybody on this token has to slow down."""
    FAILED = "FAILED"
    """No answer, a 5xx, or an answer that makes no sense: counts for the breaker."""
    UNAUTHORIZED = "UNAUTHORIZED"
    """401 or 403: the carrier is alive, but this token cannot do this."""
    ABANDONED = "ABANDONED"
    """We gave the call up ourselves: it says nothing about the carrier."""


class PaceRefusal(Exception):
    """No call may be made now; nothing was sent. `retry_after` seconds is the earliest hope."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BudgetExhausted(PaceRefusal):
    """Every slot this lane may use is taken, or the carrier told us to stay away for a while."""


class BreakerOpen(PaceRefusal):
    """The carrier kept failing, so all processes leave it alone for a moment."""


class BudgetUnavailable(PaceRefusal):
    """The store that meters the token did not answer: we fail closed rather than call unmetered."""


class Ticket(Protocol):
    """The right to make one call. It has to be settled once, whatever became of the call."""

    async def settle(self, verdict: Verdict, retry_after: float | None = None) -> None:
        """Give the right back. Never raises for reasons of the store.

        `retry_after` is how long the carrier asked to be left alone; it stops the whole token.
        """
        ...


class Pace(Protocol):
    """Whoever decides when the next call may go out."""

    async def acquire(self, lane: Lane, *, wait: float) -> Ticket:
        """Return a ticket, waiting up to `wait` seconds for it; else raise a `PaceRefusal`."""
        ...
