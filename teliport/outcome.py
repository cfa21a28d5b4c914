"""What an error proves about the call, as one word (research/reliability.md 4.1)."""

from enum import StrEnum

from teliport.errors import Definitive, NotApplied, TeliportError


class Outcome(StrEnum):
    """Whether a failed call took effect."""

    NOT_APPLIED = "NOT_APPLIED"
    """It did not, and the same call may be tried again."""
    DEFINITIVE = "DEFINITIVE"
    """It did not, and the carrier will say so again."""
    AMBIGUOUS = "AMBIGUOUS"
    """Unknown: read back before anything else."""


def of(error: TeliportError) -> Outcome:
    """Return what the error proves; an error of no known class proves nothing."""
    if isinstance(error, NotApplied):
        return Outcome.NOT_APPLIED
    return Outcome.DEFINITIVE if isinstance(error, Definitive) else Outcome.AMBIGUOUS
