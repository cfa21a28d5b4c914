"""Federal holidays of the United States, observed days included, and a carrier's own.

A holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after; New Year
on a Saturday is thus kept on the last day of the year before (research/domain.md 4.4).
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

NO_OTHERS: Mapping[date, str] = MappingProxyType({})

_FIXED = {
    (1, 1): "New Year's Day",
    (6, 19): "Juneteenth",
    (7, 4): "Independence Day",
    (11, 11): "Veterans Day",
    (12, 25): "Christmas Day",
}
# Month and day of the Friday before and of the Monday after, because dates have a first and a last.
_DAY_BEFORE = {
    (12, 31): "New Year's Day",
    (6, 18): "Juneteenth",
    (7, 3): "Independence Day",
    (11, 10): "Veterans Day",
    (12, 24): "Christmas Day",
}
_DAY_AFTER = {
    (1, 2): "New Year's Day",
    (6, 20): "Juneteenth",
    (7, 5): "Independence Day",
    (11, 12): "Veterans Day",
    (12, 26): "Christmas Day",
}
_MONDAY, _THURSDAY, _FRIDAY = 0, 3, 4
# Month, weekday and which one of the month.
_FLOATING = {
    (1, _MONDAY, 3): "Martin Luther King Jr. Day",
    (2, _MONDAY, 3): "Washington's Birthday",
    (9, _MONDAY, 1): "Labor Day",
    (10, _MONDAY, 2): "Columbus Day",
    (11, _THURSDAY, 4): "Thanksgiving Day",
}


def named(day: date, carrier: Mapping[date, str] = NO_OTHERS) -> str | None:
    """The holiday that the day is, or None; `carrier` adds the losing carrier's own days."""
    own = carrier.get(day)
    if own is not None:
        return own
    fixed = _FIXED.get((day.month, day.day))
    if fixed is not None:
        return fixed
    observed = _observed(day)
    return _floating(day) if observed is None else f"{observed} (observed)"


def is_day_after_thanksgiving(day: date) -> bool:
    """No federal holiday, but many carriers close."""
    return day.month == 11 and day.weekday() == _FRIDAY and 23 <= day.day <= 29


def _observed(day: date) -> str | None:
    if day.weekday() == _FRIDAY:
        return _DAY_BEFORE.get((day.month, day.day))
    if day.weekday() == _MONDAY:
        return _DAY_AFTER.get((day.month, day.day))
    return None


def _floating(day: date) -> str | None:
    if day.month == 5 and day.weekday() == _MONDAY and day.day > 24:
        return "Memorial Day"
    return _FLOATING.get((day.month, day.weekday(), (day.day + 6) // 7))
