"""When a port needs somebody to look at it: nothing has happened for longer than it should.

Waiting is counted in business days of the numbers' time zone (research/domain.md, idea 22).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from numbering import foc
from numbering.foc import RULES, FocRules
from numbering.port_loa import AGEING_DAYS
from numbering.porting import EDITABLE, PortStatus, StallKind

WAITING_DAYS = 3
"""Business days that a carrier may take for its date, and people for their fixes."""
ACTIVATION_HOURS = 4
PARTIAL_HOURS = 24

_AWAITING_FOC = frozenset({PortStatus.SUBMITTED, PortStatus.PENDING, PortStatus.CONFIRMED})
_TO_BE_FIXED = frozenset({PortStatus.NEEDS_FIXES, PortStatus.REJECTED})


@dataclass(frozen=True, slots=True)
class Stall:
    """What is wrong, and since when it has been (UTC)."""

    kind: StallKind
    since: datetime


@dataclass(frozen=True, slots=True)
class _Facts:
    status: PortStatus
    status_since: datetime
    asked_at: datetime
    touched_at: datetime
    foc_date: date | None
    loa_signed_on: date | None


def judge(
    *,
    status: PortStatus,
    status_since: datetime,
    now: datetime,
    zones: Collection[str],
    foc_date: date | None = None,
    loa_signed_on: date | None = None,
    submitted_at: datetime | None = None,
    touched_at: datetime | None = None,
    rules: FocRules = RULES,
) -> Stall | None:
    """The gravest stall of a project, or None. Times are aware, `zones` those of its numbers.

    `foc_date` is the agreed day, or the one asked for; `submitted_at` is that of the current
    attempt and `touched_at` the last change by people, both from `status_since` on if not known.
    """
    facts = _Facts(
        status,
        status_since,
        submitted_at or status_since,
        max(touched_at or status_since, status_since),
        foc_date,
        loa_signed_on,
    )
    zone = foc.westernmost(zones, now)
    return next((each for each in _due(facts, zone, zones, rules) if each.since <= now), None)


def what_to_do(kind: StallKind) -> str:
    """The way out, for people."""
    return _WAYS[kind]


_WAYS = {
    StallKind.ACTIVATION_STUCK: "Some numbers are not active yet. Activate the rest, or ask the "
    "carrier what holds them up.",
    StallKind.FOC_LAPSED: "The agreed day has passed without activation. Ask the carrier for the "
    "reason, or cancel and submit again with a new date.",
    StallKind.NO_FOC: "The losing carrier has not agreed to a date within three business days. "
    "Ask the carrier to follow it up.",
    StallKind.NEEDS_FIXES: "Nothing has been corrected for three business days. Correct or remove "
    "the numbers with errors, then submit again.",
    StallKind.LOA_AGEING: "The letter of authorization will soon be too old. Submit the port, or "
    "have a new one signed.",
}


def _due(facts: _Facts, zone: str, zones: Collection[str], rules: FocRules) -> Iterator[Stall]:
    """What the project will have been stalled by and from when on, gravest first."""
    if facts.status is PortStatus.ACTIVATING:
        yield _after_hours(facts, ACTIVATION_HOURS)
    if facts.status is PortStatus.PARTIAL:
        yield _after_hours(facts, PARTIAL_HOURS)
    committed = facts.status is PortStatus.FOC_ASSIGNED or facts.status in _AWAITING_FOC
    if committed and facts.foc_date is not None:
        yield Stall(StallKind.FOC_LAPSED, foc.day_over_at(facts.foc_date, zones))
    if facts.status in _AWAITING_FOC:
        yield Stall(StallKind.NO_FOC, _business_days_after(facts.asked_at, zone, rules))
    if facts.status in _TO_BE_FIXED:
        yield Stall(StallKind.NEEDS_FIXES, _business_days_after(facts.touched_at, zone, rules))
    if facts.status in EDITABLE and facts.loa_signed_on is not None:
        day = facts.loa_signed_on + timedelta(days=AGEING_DAYS)
        yield Stall(StallKind.LOA_AGEING, _moment(day, time(0), zone))


def _after_hours(facts: _Facts, hours: int) -> Stall:
    since = facts.status_since.astimezone(UTC) + timedelta(hours=hours)
    return Stall(StallKind.ACTIVATION_STUCK, since)


def _business_days_after(moment: datetime, zone: str, rules: FocRules) -> datetime:
    local = moment.astimezone(ZoneInfo(zone))
    return _moment(foc.business_days_after(local.date(), WAITING_DAYS, rules), local.time(), zone)


def _moment(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
