"""The FOC calendar: on which days numbers can be ported, and why not on the others.

Days are counted in the time zone of the numbers: of several the westernmost, whose day ends last
(decisions 27). An order placed before the cutoff of a business day counts as received on it, else
on the next one (47 CFR 52.35); from there on business days are counted. See docs/adr/0040.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from numbering import holidays
from numbering.area_codes import zone_of
from numbering.refusals import FocDateNotAllowed, Invalid
from numbering.telephone import TelephoneNumber

DEFAULT_ZONE = "America/New_York"
"""Of toll-free numbers and of area codes without a known place: the first to reach its cutoff."""

MAX_DAYS = 92
ACTIVATION_TIME = time(12)
"""Ports happen at noon, local time (plan, Workflow 3, step 13)."""

_DAY = timedelta(days=1)


class FocReason(StrEnum):
    """Why numbers cannot be ported on a day."""

    PAST = "PAST"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"
    TOO_SOON = "TOO_SOON"
    AFTER_CUTOFF = "AFTER_CUTOFF"
    TOO_FAR = "TOO_FAR"


@dataclass(frozen=True, slots=True, kw_only=True)
class FocRules:
    """The rules as settings; days are business days except `farthest_days`.

    `intervals` holds the least number of business days that a losing carrier (by SPID) takes,
    rush or not. `cutoff` is local time, `cancel_hours` count back from the activation.
    """

    standard_days: int = 7
    rush_days: int = 3
    farthest_days: int = 30
    cutoff: time = time(13)
    day_after_thanksgiving: bool = False
    carrier_holidays: Mapping[date, str] = field(default_factory=dict)
    intervals: Mapping[str, int] = field(default_factory=dict)
    cancel_hours: int = 24

    def holiday(self, day: date) -> str | None:
        """The name of the holiday that keeps carriers from porting on that day."""
        if self.day_after_thanksgiving and holidays.is_day_after_thanksgiving(day):
            return "Day after Thanksgiving"
        return holidays.named(day, self.carrier_holidays)

    def is_business_day(self, day: date) -> bool:
        """Monday to Friday and no holiday."""
        return day.weekday() < 5 and self.holiday(day) is None


RULES = FocRules()


@dataclass(frozen=True, slots=True)
class FocDay:
    """One day of the calendar; `rush` marks a day that is possible for the rush fee only."""

    date: date
    allowed: bool
    rush: bool
    reasons: tuple[FocReason, ...]
    holiday: str | None


@dataclass(frozen=True, slots=True)
class FocCalendar:
    """The days asked for, and the first one that is possible at all.

    `cutoff` (UTC) is until when an order keeps this calendar; after it all days move on by one.
    Both are None when no day within reach is possible.
    """

    time_zone: str
    earliest: date | None
    cutoff: datetime | None
    days: tuple[FocDay, ...]


@dataclass(frozen=True, slots=True)
class _Reach:
    """What of the moment decides about days: today and the first and last day of each kind."""

    zone: str
    today: date
    cutoff: datetime
    in_time: date
    """The first day that would be possible had the cutoff of today not passed."""
    rush: date
    standard: date
    last: date


def calendar(
    *,
    now: datetime,
    zones: Collection[str],
    spids: Collection[str],
    start: date | None,
    days: int,
    rules: FocRules = RULES,
) -> FocCalendar:
    """Each of `days` days from `start` (today if None) on, judged; Invalid beyond 1 to 92 days.

    `zones` are those of the numbers, `spids` their losing carriers; `now` is aware.
    """
    if not 1 <= days <= MAX_DAYS:
        raise Invalid(f"Ask for 1 to {MAX_DAYS} days.", path=("days",))
    reach = _reach(now, zones, spids, rules)
    first = reach.today if start is None else start
    ordinals = range(first.toordinal(), min(first.toordinal() + days, date.max.toordinal() + 1))
    earliest = _earliest(reach, rules)
    return FocCalendar(
        reach.zone,
        earliest,
        None if earliest is None else reach.cutoff,
        tuple(_judged(date.fromordinal(each), reach, rules) for each in ordinals),
    )


def judge(
    day: date,
    *,
    now: datetime,
    zones: Collection[str],
    spids: Collection[str],
    rules: FocRules = RULES,
) -> FocDay:
    """That one day of the calendar."""
    return _judged(day, _reach(now, zones, spids, rules), rules)


def check(
    day: date,
    *,
    now: datetime,
    zones: Collection[str],
    spids: Collection[str],
    rules: FocRules = RULES,
) -> FocDay:
    """The day if numbers can be ported on it; else FocDateNotAllowed in words for people."""
    reach = _reach(now, zones, spids, rules)
    judged = _judged(day, reach, rules)
    if judged.allowed:
        return judged
    earliest = _earliest(reach, rules)
    raise FocDateNotAllowed(judged.reasons, earliest, message=_sentence(judged, earliest))


def zones_of(numbers: Iterable[TelephoneNumber]) -> tuple[str, ...]:
    """The time zones of the numbers, each once, sorted; never empty."""
    return tuple(sorted({zone_of(number.npa) or DEFAULT_ZONE for number in numbers})) or (
        DEFAULT_ZONE,
    )


def activation_at(foc: date, zones: Collection[str]) -> datetime:
    """When the first of the numbers is activated: noon in the easternmost zone, in UTC."""
    return min(_moment(foc, ACTIVATION_TIME, zone) for zone in zones or (DEFAULT_ZONE,))


def cancel_until(foc: date, zones: Collection[str], rules: FocRules = RULES) -> datetime:
    """Until when the port can be called off (decisions 27), in UTC."""
    return activation_at(foc, zones) - timedelta(hours=rules.cancel_hours)


def day_over_at(foc: date, zones: Collection[str]) -> datetime:
    """When the day has ended for all of the numbers: midnight in the westernmost zone, in UTC."""
    return max(_moment(foc + _DAY, time(0), zone) for zone in zones or (DEFAULT_ZONE,))


def business_days_after(day: date, count: int, rules: FocRules = RULES) -> date:
    """The `count`-th business day after the day, which itself need not be one."""
    while count > 0:
        day += _DAY
        count -= rules.is_business_day(day)
    return day


def westernmost(zones: Collection[str], now: datetime) -> str:
    """The zone whose clocks are last at that moment; the first by name among equals."""
    return min(zones or (DEFAULT_ZONE,), key=lambda zone: (_offset(zone, now), zone))


def _offset(zone: str, now: datetime) -> timedelta:
    return now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def _moment(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def _reach(
    now: datetime, zones: Collection[str], spids: Collection[str], rules: FocRules
) -> _Reach:
    if now.tzinfo is None:
        raise ValueError("the calendar needs an aware time")
    zone = westernmost(zones, now)
    local = now.astimezone(ZoneInfo(zone))
    today = local.date()
    counts_today = rules.is_business_day(today)
    late = counts_today and local.time() >= rules.cutoff
    received = today if counts_today and not late else business_days_after(today, 1, rules)
    least = max((rules.intervals.get(spid, 0) for spid in spids), default=0)
    rush_days = max(rules.rush_days, least)
    return _Reach(
        zone=zone,
        today=today,
        cutoff=_moment(received, rules.cutoff, zone),
        in_time=business_days_after(today if late else received, rush_days, rules),
        rush=business_days_after(received, rush_days, rules),
        standard=business_days_after(received, max(rules.standard_days, rush_days), rules),
        last=today + timedelta(days=rules.farthest_days),
    )


def _judged(day: date, reach: _Reach, rules: FocRules) -> FocDay:
    holiday = rules.holiday(day)
    reasons = tuple(_reasons(day, reach, holiday))
    rush = not reasons and day < reach.standard
    return FocDay(day, not reasons, rush, reasons, holiday)


def _reasons(day: date, reach: _Reach, holiday: str | None) -> Iterator[FocReason]:
    if day < reach.today:
        yield FocReason.PAST
    if day.weekday() >= 5:
        yield FocReason.WEEKEND
    if holiday is not None:
        yield FocReason.HOLIDAY
    if reach.today <= day < reach.in_time:
        yield FocReason.TOO_SOON
    if reach.in_time <= day < reach.rush:
        yield FocReason.AFTER_CUTOFF
    if day > reach.last:
        yield FocReason.TOO_FAR


def _earliest(reach: _Reach, rules: FocRules) -> date | None:
    # A business day by how it was counted, so only the far end is left to look at.
    return reach.rush if reach.rush <= reach.last else None


_WORDS: Mapping[FocReason, str] = {
    FocReason.PAST: "it is past",
    FocReason.WEEKEND: "it is a weekend",
    FocReason.HOLIDAY: "it is a holiday",
    FocReason.TOO_SOON: "the losing carrier needs more business days",
    FocReason.AFTER_CUTOFF: "the cutoff of today has passed",
    FocReason.TOO_FAR: "it is too far ahead",
}


def _sentence(day: FocDay, earliest: date | None) -> str:
    words = [
        f"it is {day.holiday}" if reason is FocReason.HOLIDAY else _WORDS[reason]
        for reason in day.reasons
    ]
    way = f"The earliest day is {earliest}." if earliest else "No day is possible at present."
    return f"Numbers cannot be ported on {day.date}: {', '.join(words)}. {way}"
