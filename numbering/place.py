"""Where a number lives: exchange, rate centre, LATA, state and time zone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """The geography of a number; toll-free numbers and sparse records leave most of it open.

    A rate centre is unique only within its state, and a number is portable only within its rate
    centre (research/domain.md 4.2). `lata` is three digits, `time_zone` an IANA name.
    """

    npa: str
    nxx: str
    locality: str | None = None
    state: str | None = None
    lata: int | None = None
    rate_center: str | None = None
    time_zone: str | None = None
