"""Days as a port sees them: those of its numbers, counted where the calendar counts them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from numbering import foc
from numbering.telephone import TelephoneNumber


def zones(numbers: Iterable[str]) -> tuple[str, ...]:
    """The time zones of numbers in E.164; never empty."""
    return foc.zones_of(TelephoneNumber(number) for number in numbers)


def today(now: datetime, numbers: Iterable[str]) -> date:
    """The day it is where the numbers are, of several zones the westernmost."""
    zone = foc.westernmost(zones(numbers), now)
    return now.astimezone(ZoneInfo(zone)).date()
