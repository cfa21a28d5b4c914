"""Federal holidays by the published lists, and what is true of every year."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.holidays import is_day_after_thanksgiving, named

# The days on which federal offices were, or will be, closed (Office of Personnel Management).
PUBLISHED = """
2025: 0101 0120 0217 0526 0619 0704 0901 1013 1111 1127 1225
2026: 0101 0119 0216 0525 0619 0703 0907 1012 1111 1126 1225
2027: 0101 0118 0215 0531 0618 0705 0906 1011 1111 1125 1224
2028: 1231 0117 0221 0529 0619 0704 0904 1009 1110 1123 1225
2029: 0101 0115 0219 0528 0619 0704 0903 1008 1112 1122 1225
2030: 0101 0121 0218 0527 0619 0704 0902 1014 1111 1128 1225
"""


def published(line: str) -> set[date]:
    year, days = line.split(":")
    found = [date(int(year), int(day[:2]), int(day[2:])) for day in days.split()]
    # 1 January 2028 is a Saturday, so it was kept on the last day of 2027.
    return {day.replace(year=2027) if (day.month, day.day) == (12, 31) else day for day in found}


LINES = PUBLISHED.strip().splitlines()
LISTED = set().union(*map(published, LINES))
ELEVEN_YEARS = [date(2025, 1, 1) + timedelta(days=n) for n in range(365 * 11 + 3)]


def free(year: int) -> set[date]:
    """The weekdays of a year that are holidays by our rules."""
    return {d for d in ELEVEN_YEARS if d.year == year and d.weekday() < 5 and named(d)}


@pytest.mark.parametrize("year", range(2025, 2031))
def test_the_weekdays_off_are_those_published(year: int) -> None:
    assert free(year) == {day for day in LISTED if day.year == year}


@pytest.mark.parametrize("year", range(2025, 2036))
def test_each_holiday_is_kept_once_a_year_on_a_weekday(year: int) -> None:
    days = {d for d in ELEVEN_YEARS if d.weekday() < 5 and named(d)}
    # New Year may be kept in December before.
    kept = [d for d in days if d.year == year and d != date(year, 12, 31)]
    kept += [d for d in days if d == date(year - 1, 12, 31)]
    assert len(kept) == 11
    assert len({str(named(d)).removesuffix(" (observed)") for d in kept}) == 11


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 7, 3), "Independence Day (observed)"),
        (date(2026, 7, 4), "Independence Day"),
        (date(2027, 7, 5), "Independence Day (observed)"),
        (date(2027, 12, 31), "New Year's Day (observed)"),
        (date(2028, 1, 1), "New Year's Day"),
        (date(2028, 11, 10), "Veterans Day (observed)"),
        (date(2026, 11, 26), "Thanksgiving Day"),
        (date(2026, 5, 25), "Memorial Day"),
        (date(2026, 5, 18), None),
        (date(2026, 9, 14), None),
        (date(2026, 7, 2), None),
        (date(2026, 7, 6), None),
        (date(2026, 12, 31), None),
        (date(2026, 11, 27), None),
        (date.max, "New Year's Day (observed)"),
        (date.min, "New Year's Day"),
    ],
)
def test_names(day: date, name: str | None) -> None:
    assert named(day) == name


def test_a_carrier_may_close_on_days_of_its_own() -> None:
    founded = date(2026, 4, 1)
    assert named(founded) is None
    assert named(founded, {founded: "Founder's Day"}) == "Founder's Day"
    assert named(date(2026, 12, 25), {founded: "Founder's Day"}) == "Christmas Day"


@given(st.dates(date(2025, 1, 1), date(2035, 12, 31)))
def test_the_day_after_thanksgiving_follows_it(day: date) -> None:
    follows = named(day - timedelta(days=1)) == "Thanksgiving Day"
    assert is_day_after_thanksgiving(day) == follows


@given(st.dates())
def test_every_day_that_there_is_has_an_answer(day: date) -> None:
    assert named(day) != ""
