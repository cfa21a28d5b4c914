"""The FOC calendar by hand-counted examples; `test_foc_properties` has what is always true."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from numbering import foc
from numbering.foc import FocCalendar, FocDay, FocReason, FocRules
from numbering.refusals import FocDateNotAllowed, Invalid
from numbering.telephone import TelephoneNumber

DENVER, NEW_YORK, PHOENIX = "America/Denver", "America/New_York", "America/Phoenix"
R = FocReason


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(now: str, *, zones: tuple[str, ...] = (DENVER,), **rules: object) -> FocCalendar:
    return foc.calendar(
        now=utc(now),
        zones=zones,
        spids=("6529",),
        start=None,
        days=35,
        rules=FocRules(**rules),  # type: ignore[arg-type]
    )


def by_date(calendar: FocCalendar) -> dict[str, FocDay]:
    return {day.date.strftime("%m-%d"): day for day in calendar.days}


def test_the_plans_own_example_date_is_a_saturday_and_refused() -> None:
    day, asked_at = date(2025, 11, 15), utc("2025-11-03T16:00")
    assert day.strftime("%A") == "Saturday"
    assert foc.judge(day, now=asked_at, zones=(DENVER,), spids=()) == FocDay(
        day, allowed=False, rush=False, reasons=(R.WEEKEND,), holiday=None
    )
    with pytest.raises(FocDateNotAllowed, match="it is a weekend") as refused:
        foc.check(day, now=asked_at, zones=(DENVER,), spids=())
    assert refused.value.reasons == ("WEEKEND",)
    assert refused.value.earliest == date(2025, 11, 6)
    assert refused.value.path == ("focDate",)
    today = foc.judge(day, now=utc("2026-11-22T19:00"), zones=(DENVER,), spids=())
    assert today.reasons == (R.PAST, R.WEEKEND)


def test_a_month_by_hand() -> None:
    # Monday 2 November 2026, 9:00 in Denver; Veterans Day is the Wednesday of the next week.
    calendar = shown("2026-11-02T16:00")
    days = by_date(calendar)
    assert calendar.time_zone == DENVER
    assert calendar.earliest == date(2026, 11, 5)
    assert calendar.cutoff == utc("2026-11-02T20:00")
    assert calendar.days[0].date == date(2026, 11, 2)
    assert {name: days[name].reasons for name in ("11-02", "11-04", "11-07", "11-11")} == {
        "11-02": (R.TOO_SOON,),
        "11-04": (R.TOO_SOON,),
        "11-07": (R.WEEKEND,),
        "11-11": (R.HOLIDAY,),
    }
    assert days["11-11"].holiday == "Veterans Day"
    rush = [name for name, day in days.items() if day.rush]
    assert rush == ["11-05", "11-06", "11-09", "11-10"]
    # The seventh business day, because the holiday does not count.
    standard = [name for name, day in days.items() if day.allowed and not day.rush]
    assert standard[0] == "11-12"
    assert standard[-1] == "12-02"
    assert (days["12-03"].reasons, days["12-05"].reasons) == (
        (R.TOO_FAR,),
        (R.WEEKEND, R.TOO_FAR),
    )


@pytest.mark.parametrize(
    ("now", "earliest", "late"),
    [
        # Monday before, at and after 13:00 in Denver (UTC-7).
        ("2026-11-02T19:59:59", date(2026, 11, 5), None),
        ("2026-11-02T20:00:00", date(2026, 11, 6), "11-05"),
        ("2026-11-03T06:59:59", date(2026, 11, 6), "11-05"),
        ("2026-11-03T07:00:00", date(2026, 11, 6), None),
        # Friday evening, the weekend and Monday morning are one and the same to the carrier.
        ("2026-11-06T21:00:00", date(2026, 11, 13), "11-12"),
        ("2026-11-07T21:00:00", date(2026, 11, 13), None),
        ("2026-11-09T19:00:00", date(2026, 11, 13), None),
        # On a holiday the cutoff means nothing.
        ("2026-11-11T22:00:00", date(2026, 11, 17), None),
    ],
)
def test_the_cutoff(now: str, earliest: date, late: str | None) -> None:
    calendar = shown(now)
    assert calendar.earliest == earliest
    cut_off = [name for name, day in by_date(calendar).items() if R.AFTER_CUTOFF in day.reasons]
    assert cut_off == ([late] if late else [])


def test_of_several_zones_the_last_cutoff_counts() -> None:
    noon_in_denver = "2026-11-02T19:00"
    assert shown(noon_in_denver, zones=(NEW_YORK,)).earliest == date(2026, 11, 6)
    both = shown(noon_in_denver, zones=(NEW_YORK, DENVER))
    assert (both.time_zone, both.earliest) == (DENVER, date(2026, 11, 5))
    assert shown(noon_in_denver, zones=()).time_zone == NEW_YORK
    # Arizona has no summer time: equal to Denver in winter, an hour behind it in summer.
    assert shown("2026-12-01T12:00", zones=(PHOENIX, DENVER)).time_zone == DENVER
    assert shown("2026-07-01T12:00", zones=(PHOENIX, DENVER)).time_zone == PHOENIX


def test_today_is_that_of_the_numbers() -> None:
    assert shown("2026-11-03T05:00").days[0].date == date(2026, 11, 2)


@pytest.mark.parametrize(
    ("intervals", "earliest", "rush"),
    [
        ({}, date(2026, 11, 5), 4),
        ({"9999": 12}, date(2026, 11, 5), 4),
        ({"6529": 1}, date(2026, 11, 5), 4),
        ({"6529": 5}, date(2026, 11, 9), 2),
        ({"6529": 7}, date(2026, 11, 12), 0),
        ({"6529": 10}, date(2026, 11, 17), 0),
        ({"6529": 60}, None, 0),
    ],
)
def test_a_carrier_may_take_longer(
    intervals: dict[str, int], earliest: date | None, rush: int
) -> None:
    calendar = shown("2026-11-02T16:00", intervals=intervals)
    assert calendar.earliest == earliest
    assert sum(day.rush for day in calendar.days) == rush
    assert (calendar.cutoff is None) == (earliest is None)


def test_when_nothing_is_possible_the_refusal_says_so() -> None:
    with pytest.raises(FocDateNotAllowed, match=r"more business days\. No day is possible") as no:
        foc.check(
            date(2026, 11, 16),
            now=utc("2026-11-02T16:00"),
            zones=(DENVER,),
            spids=("6529",),
            rules=FocRules(intervals={"6529": 60}),
        )
    assert no.value.earliest is None


def test_a_possible_day_passes() -> None:
    now = utc("2026-11-02T16:00")
    assert foc.check(date(2026, 11, 5), now=now, zones=(DENVER,), spids=()).rush
    assert not foc.check(date(2026, 11, 12), now=now, zones=(DENVER,), spids=()).rush


def test_the_refusal_names_the_holiday() -> None:
    with pytest.raises(FocDateNotAllowed, match="it is Thanksgiving Day") as refused:
        foc.check(date(2026, 11, 26), now=utc("2026-11-24T21:00"), zones=(DENVER,), spids=("6529",))
    assert refused.value.reasons == ("HOLIDAY", "TOO_SOON")


def test_carriers_days_off_are_settings() -> None:
    friday = date(2026, 11, 27)
    assert foc.RULES.is_business_day(friday)
    closed = FocRules(day_after_thanksgiving=True)
    assert closed.holiday(friday) == "Day after Thanksgiving"
    assert not closed.is_business_day(friday)
    assert closed.is_business_day(date(2026, 11, 30))
    own = FocRules(carrier_holidays={friday: "Inventory"})
    assert own.holiday(friday) == "Inventory"


@pytest.mark.parametrize("days", [-1, 0, 93])
def test_so_many_days_are_too_few_or_too_many(days: int) -> None:
    with pytest.raises(Invalid, match="1 to 92") as refused:
        foc.calendar(now=utc("2026-11-02T16:00"), zones=(), spids=(), start=None, days=days)
    assert refused.value.path == ("days",)


@pytest.mark.parametrize(
    ("start", "first", "last"),
    [
        (date.min, date.min, date(1, 4, 2)),
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 4, 2)),
        (date(9999, 12, 30), date(9999, 12, 30), date.max),
    ],
)
def test_any_days_can_be_asked_for(start: date, first: date, last: date) -> None:
    calendar = foc.calendar(now=utc("2026-11-02T16:00"), zones=(), spids=(), start=start, days=92)
    assert (calendar.days[0].date, calendar.days[-1].date) == (first, last)
    assert not any(day.allowed for day in calendar.days)
    assert calendar.earliest == date(2026, 11, 5)


def test_a_time_without_zone_is_a_defect() -> None:
    with pytest.raises(ValueError, match="aware"):
        foc.judge(
            date(2026, 11, 5),
            now=utc("2026-11-02T16:00").replace(tzinfo=None),
            zones=(),
            spids=(),
        )


@pytest.mark.parametrize(
    ("numbers", "zones"),
    [
        ("", (NEW_YORK,)),
        ("8005550199", (NEW_YORK,)),
        ("3035551234 7205551234", (DENVER,)),
        ("3035551234 2125551234 8885551234", (DENVER, NEW_YORK)),
        # An area code younger than the table.
        ("2325551234", (NEW_YORK,)),
    ],
)
def test_zones_of_numbers(numbers: str, zones: tuple[str, ...]) -> None:
    assert foc.zones_of(map(TelephoneNumber.from_national, numbers.split())) == zones


def test_the_first_number_is_active_at_noon_in_the_east() -> None:
    day = date(2026, 11, 5)
    assert foc.activation_at(day, (DENVER, NEW_YORK)) == utc("2026-11-05T17:00")
    assert foc.activation_at(day, (DENVER,)) == utc("2026-11-05T19:00")
    assert foc.activation_at(day, ()) == utc("2026-11-05T17:00")
    assert foc.cancel_until(day, (DENVER,)) == utc("2026-11-04T19:00")
    assert foc.cancel_until(day, (), FocRules(cancel_hours=48)) == utc("2026-11-03T17:00")
    assert foc.day_over_at(day, (DENVER, NEW_YORK)) == utc("2026-11-06T07:00")
    assert foc.day_over_at(day, ()) == utc("2026-11-06T05:00")


@pytest.mark.parametrize(
    ("sunday", "before", "after"),
    [(date(2026, 3, 8), 20, 19), (date(2026, 11, 1), 19, 20)],
    ids=["into summer time", "out of it"],
)
def test_clocks_change_over_a_weekend(sunday: date, before: int, after: int) -> None:
    # Friday 14:00 in Denver: the order counts on Monday, whose 13:00 is another hour in UTC.
    friday, monday = sunday - timedelta(days=2), sunday + timedelta(days=1)
    midnight = datetime.combine(friday, time(0), UTC)
    late = foc.calendar(
        now=midnight + timedelta(hours=before + 1), zones=(DENVER,), spids=(), start=None, days=9
    )
    assert late.cutoff == datetime.combine(monday, time(after), UTC)
    assert late.earliest == monday + timedelta(days=3)
    in_time = foc.calendar(
        now=midnight + timedelta(hours=before - 1), zones=(DENVER,), spids=(), start=None, days=9
    )
    assert in_time.cutoff == datetime.combine(friday, time(before), UTC)
    assert in_time.earliest == monday + timedelta(days=2)
    assert foc.activation_at(monday, (DENVER,)).hour == after - 1
