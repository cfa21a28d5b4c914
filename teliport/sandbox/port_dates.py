"""Days on which the carrier ports, and the moment of a day at which it does."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from teliport.sandbox.geography import ELSEWHERE, locale_of

FARTHEST_DAYS = 30
_NOON = time(12)
_MONDAY, _THURSDAY = 0, 3
_FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
# Month, weekday and which of them; -1 is the last.
_FLOATING = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, _THURSDAY, 4))


def noon(day: date, tns: Iterable[str]) -> float:
    """12:00 on this day in the westernmost zone of these numbers, in unix seconds."""
    zones = {locale_of(tn).zone or ELSEWHERE.zone for tn in tns} or {ELSEWHERE.zone}
    return max(datetime.combine(day, _NOON, ZoneInfo(str(zone))).timestamp() for zone in zones)


def wrong(day: date, tns: Iterable[str], now: float) -> str | None:
    """Why nothing can be ported on this day, or None."""
    at = noon(day, tns)
    if at <= now:
        return "is in the past"
    if day.weekday() > 4:
        return "is on a weekend"
    if day in holidays(day.year):
        return "is a holiday"
    if at > now + timedelta(days=FARTHEST_DAYS + 1).total_seconds():
        return f"is more than {FARTHEST_DAYS} days ahead"
    return None


@cache
def holidays(year: int) -> frozenset[date]:
    """The federal holidays as they are observed in this year."""
    # A New Year's Day on a Saturday is observed in the year before.
    days = [date(year, month, day) for month, day in _FIXED] + [date(year + 1, 1, 1)]
    observed = {_observed(day) for day in days} | {_floating(year, *rule) for rule in _FLOATING}
    return frozenset(day for day in observed if day.year == year)


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _floating(year: int, month: int, weekday: int, which: int) -> date:
    if which < 0:
        last = date(year, month + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
