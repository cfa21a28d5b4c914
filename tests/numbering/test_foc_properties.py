"""What is true of the FOC calendar at any moment of 2025 to 2035, in any zones."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from numbering import foc
from numbering.area_codes import zone_of
from numbering.foc import FocCalendar, FocReason, FocRules
from numbering.holidays import named
from tests.numbering import strategies

ZONES = sorted({zone_of(npa) or foc.DEFAULT_ZONE for npa in strategies.LOCAL_NPAS})
R = FocReason
TIMING = {R.PAST, R.TOO_SOON, R.AFTER_CUTOFF, R.TOO_FAR}

zones = st.lists(st.sampled_from(ZONES), unique=True, max_size=4).map(tuple)
zone_lists = zones.filter(bool)
ordinary = st.builds(
    lambda day, at: datetime.combine(day, at, UTC),
    st.dates(date(2025, 1, 1), date(2035, 12, 31)),
    st.times(),
)


def change(year: int, month: int, week: int) -> datetime:
    """Ten in the morning, UTC, of the Sunday on which most of the country changes its clocks."""
    first = date(year, month, 1)
    sunday = first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (week - 1))
    return datetime.combine(sunday, time(10), UTC)


CHANGES = [change(year, *when) for year in range(2025, 2036) for when in ((3, 2), (11, 1))]
around_changes = st.builds(
    lambda at, minutes: at + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-4 * 24 * 60, 4 * 24 * 60),
)
moments = ordinary | around_changes
rules = st.builds(
    FocRules,
    standard_days=st.integers(0, 12),
    rush_days=st.integers(0, 8),
    farthest_days=st.integers(5, 60),
    cutoff=st.sampled_from([time(8), time(13), time(17, 30)]),
    day_after_thanksgiving=st.booleans(),
    intervals=st.dictionaries(st.sampled_from(["6529", "8824"]), st.integers(0, 15)),
)


def shown(now: datetime, where: tuple[str, ...], settings: FocRules) -> FocCalendar:
    return foc.calendar(now=now, zones=where, spids=("6529",), start=None, days=92, rules=settings)


@given(moments, zones, rules)
def test_a_day_is_allowed_or_says_why_not(
    now: datetime, where: tuple[str, ...], settings: FocRules
) -> None:
    calendar = shown(now, where, settings)
    for day in calendar.days:
        assert day.allowed == (day.reasons == ())
        assert day.allowed or not day.rush
        assert (R.WEEKEND in day.reasons) == (day.date.weekday() >= 5)
        assert (R.HOLIDAY in day.reasons) == (day.holiday is not None)
        # Too soon and too far at once: then there is no day between the two.
        assert len(TIMING & set(day.reasons)) <= (1 if calendar.earliest else 2)
        assert list(day.reasons) == sorted(set(day.reasons), key=list(R).index)
        assert day == foc.judge(day.date, now=now, zones=where, spids=("6529",), rules=settings)


@given(moments, zones, rules)
def test_the_earliest_day_is_the_first_allowed_one(
    now: datetime, where: tuple[str, ...], settings: FocRules
) -> None:
    calendar = shown(now, where, settings)
    assert calendar.earliest == next((day.date for day in calendar.days if day.allowed), None)
    assert (calendar.cutoff is None) == (calendar.earliest is None)


@given(moments, zones)
def test_no_port_on_a_day_off_nor_without_three_whole_business_days_before(
    now: datetime, where: tuple[str, ...]
) -> None:
    calendar = shown(now, where, foc.RULES)
    today = now.astimezone(ZoneInfo(calendar.time_zone)).date()
    for day in calendar.days:
        if day.allowed:
            assert day.date.weekday() < 5
            assert named(day.date) is None
            assert 3 <= (day.date - today).days <= 30
            passed = (today + timedelta(days=n) for n in range(1, (day.date - today).days + 1))
            counted = sum(each.weekday() < 5 and named(each) is None for each in passed)
            assert counted >= (3 if day.rush else 7)
            assert not day.rush or counted <= 7


@given(moments, zones, rules)
def test_rush_days_come_before_all_others(
    now: datetime, where: tuple[str, ...], settings: FocRules
) -> None:
    allowed = [day.rush for day in shown(now, where, settings).days if day.allowed]
    assert allowed == sorted(allowed, reverse=True)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=10)), zone_lists)
def test_waiting_never_brings_the_port_forward(
    now: datetime, later: timedelta, where: tuple[str, ...]
) -> None:
    # The westernmost zone may change with the clocks, never a single one.
    zone = where[:1]
    first, second = shown(now, zone, foc.RULES), shown(now + later, zone, foc.RULES)
    assert first.earliest is not None
    assert second.earliest is not None
    assert first.earliest <= second.earliest


@given(moments, zone_lists, rules)
def test_the_calendar_holds_until_its_cutoff_and_moves_on_with_it(
    now: datetime, where: tuple[str, ...], settings: FocRules
) -> None:
    zone = where[:1]
    calendar = shown(now, zone, settings)
    if calendar.cutoff is None:
        return
    assert calendar.cutoff > now
    local = calendar.cutoff.astimezone(ZoneInfo(calendar.time_zone))
    assert local.time() == settings.cutoff
    assert settings.is_business_day(local.date())
    before = shown(calendar.cutoff - timedelta(microseconds=1), zone, settings)
    after = shown(calendar.cutoff, zone, settings)
    assert before.earliest == calendar.earliest
    assert after.earliest is None or after.earliest > (calendar.earliest or date.max)


@given(moments, zone_lists)
def test_more_zones_never_make_it_later(now: datetime, where: tuple[str, ...]) -> None:
    all_of_them = shown(now, where, foc.RULES)
    assert all_of_them.earliest is not None
    for zone in where:
        one = shown(now, (zone,), foc.RULES)
        assert one.earliest is not None
        assert all_of_them.earliest <= one.earliest
    assert all_of_them.time_zone in where


@given(moments, zones, rules)
def test_only_the_day_lost_to_the_cutoff_says_so(
    now: datetime, where: tuple[str, ...], settings: FocRules
) -> None:
    calendar = shown(now, where, settings)
    lost = [day for day in calendar.days if R.AFTER_CUTOFF in day.reasons]
    assert sum(settings.is_business_day(day.date) for day in lost) <= 1
    local = now.astimezone(ZoneInfo(calendar.time_zone))
    late = settings.is_business_day(local.date()) and local.time() >= settings.cutoff
    assert bool(lost) == late


@given(st.dates(date(2025, 1, 1), date(2035, 12, 31)), zones)
def test_activation_is_at_noon_somewhere_and_cancelling_ends_a_day_before(
    day: date, where: tuple[str, ...]
) -> None:
    at = foc.activation_at(day, where)
    noons = [at.astimezone(ZoneInfo(zone)) for zone in where or (foc.DEFAULT_ZONE,)]
    assert any((noon.date(), noon.time()) == (day, time(12)) for noon in noons)
    assert all((noon.date(), noon.time()) <= (day, time(12)) for noon in noons)
    assert at - foc.cancel_until(day, where) == timedelta(days=1)
    assert timedelta(hours=12) <= foc.day_over_at(day, where) - at <= timedelta(hours=40)


@given(st.dates(date(2025, 1, 1), date(2035, 12, 31)), st.integers(0, 20))
def test_business_days_are_counted_one_by_one(day: date, count: int) -> None:
    steps = [foc.business_days_after(day, n) for n in range(count + 1)]
    assert steps[0] == day
    assert all(one < next_ for one, next_ in pairwise(steps))
    for one, next_ in pairwise(steps):
        assert foc.business_days_after(one, 1) == next_
        assert foc.RULES.is_business_day(next_)
