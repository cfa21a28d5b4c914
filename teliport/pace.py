"""Asking the pace for leave to call, in this floor's own errors; and a pace that never says no."""

from numbering import pace
from numbering.lanes import Lane
from teliport import errors

_PACED: dict[type[pace.PaceRefusal], type[errors.Paced]] = {
    pace.BudgetExhausted: errors.BudgetExhausted,
    pace.BreakerOpen: errors.BreakerOpen,
    pace.BudgetUnavailable: errors.BudgetUnavailable,
}


def paced(refusal: pace.PaceRefusal) -> errors.Paced:
    """Return the pace's refusal as an error of the call that it held back."""
    kind = _PACED.get(type(refusal), errors.Paced)
    return kind(str(refusal), request_sent=False, retry_after=refusal.retry_after)


class FreeTicket:
    """A ticket of NoPace; settling it changes nothing."""

    async def settle(self, verdict: pace.Verdict, retry_after: float | None = None) -> None:
        """Forget the verdict."""


class NoPace:
    """Every call at once, unmetered: for tests and for tools that make one call."""

    async def acquire(self, lane: Lane, *, wait: float) -> FreeTicket:
        """Return a ticket at once."""
        return FreeTicket()
