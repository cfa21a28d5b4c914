"""When somebody should look at a port, by examples in Denver time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering import port_stalls
from numbering.foc import FocRules
from numbering.port_stalls import Stall
from numbering.porting import EDITABLE, OPEN, PortStatus, StallKind

DENVER = ("America/Denver",)
P, K = PortStatus, StallKind


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MONDAY = utc("2026-11-02T16:00")  # 9:00 in Denver
FOC = date(2026, 11, 12)


def judged(status: PortStatus, at: datetime, **facts: Any) -> Stall | None:
    return port_stalls.judge(
        status=status, status_since=facts.pop("since", MONDAY), now=at, zones=DENVER, **facts
    )


@pytest.mark.parametrize(
    ("status", "kind", "since", "facts"),
    [
        (P.SUBMITTED, K.NO_FOC, "2026-11-05T16:00", {}),
        (P.PENDING, K.NO_FOC, "2026-11-05T16:00", {"foc_date": FOC}),
        # A new status does not start the wait anew.
        (
            P.CONFIRMED,
            K.NO_FOC,
            "2026-11-05T16:00",
            {"since": utc("2026-11-04T16:00"), "submitted_at": MONDAY},
        ),
        # Submitted on the Friday before Veterans Day: Monday, Tuesday, Thursday.
        (P.PENDING, K.NO_FOC, "2026-11-12T16:00", {"since": utc("2026-11-06T16:00")}),
        # Over a change of the clocks it is the same hour of the day there.
        (P.PENDING, K.NO_FOC, "2026-11-03T16:00", {"since": utc("2026-10-29T15:00")}),
        (P.FOC_ASSIGNED, K.FOC_LAPSED, "2026-11-13T07:00", {"foc_date": FOC}),
        (
            P.CONFIRMED,
            K.FOC_LAPSED,
            "2026-11-03T07:00",
            {"foc_date": date(2026, 11, 2), "submitted_at": MONDAY + timedelta(days=30)},
        ),
        (P.ACTIVATING, K.ACTIVATION_STUCK, "2026-11-02T20:00", {"foc_date": FOC}),
        (P.PARTIAL, K.ACTIVATION_STUCK, "2026-11-03T16:00", {}),
        (P.NEEDS_FIXES, K.NEEDS_FIXES, "2026-11-05T16:00", {}),
        (P.REJECTED, K.NEEDS_FIXES, "2026-11-05T16:00", {"touched_at": utc("2026-10-01T00:00")}),
        (
            P.NEEDS_FIXES,
            K.NEEDS_FIXES,
            "2026-11-06T17:00",
            {"touched_at": utc("2026-11-03T17:00")},
        ),
        (P.DRAFT, K.LOA_AGEING, "2026-10-26T06:00", {"loa_signed_on": date(2026, 10, 1)}),
        (P.VALIDATED, K.LOA_AGEING, "2026-12-01T07:00", {"loa_signed_on": date(2026, 11, 6)}),
    ],
)
def test_stalls(status: PortStatus, kind: StallKind, since: str, facts: dict[str, Any]) -> None:
    at = utc(since)
    assert judged(status, at - timedelta(seconds=1), **facts) is None
    assert judged(status, at, **facts) == Stall(kind, at)
    assert judged(status, at + timedelta(days=1), **facts) == Stall(kind, at)


@pytest.mark.parametrize(
    ("status", "facts"),
    [
        (P.DRAFT, {}),
        (P.VALIDATING, {}),
        (P.VALIDATED, {"foc_date": FOC}),
        (P.FOC_ASSIGNED, {}),
        (P.CANCELLING, {"foc_date": FOC}),
        (P.COMPLETE, {"foc_date": FOC, "loa_signed_on": FOC}),
        (P.CANCELLED, {"foc_date": FOC, "loa_signed_on": FOC}),
        # The letter has done its work once the order is out.
        (P.FOC_ASSIGNED, {"loa_signed_on": date(2026, 1, 1)}),
    ],
)
def test_no_stalls(status: PortStatus, facts: dict[str, Any]) -> None:
    assert judged(status, MONDAY + timedelta(days=365), **facts) is None


def test_the_gravest_is_told_first() -> None:
    late = MONDAY + timedelta(days=60)
    assert judged(P.PENDING, late, foc_date=FOC) == Stall(K.FOC_LAPSED, utc("2026-11-13T07:00"))
    fixes = judged(P.NEEDS_FIXES, late, loa_signed_on=date(2026, 10, 1))
    assert fixes is not None
    assert fixes.kind is K.NEEDS_FIXES


def test_the_carriers_days_off_count() -> None:
    closed = FocRules(carrier_holidays={date(2026, 11, 3): "Closed"})
    stall = judged(P.PENDING, MONDAY + timedelta(days=5), rules=closed)
    assert stall == Stall(K.NO_FOC, utc("2026-11-06T16:00"))


@pytest.mark.parametrize("kind", StallKind)
def test_every_kind_says_what_to_do(kind: StallKind) -> None:
    assert port_stalls.what_to_do(kind).endswith(".")
    assert len({port_stalls.what_to_do(each) for each in StallKind}) == len(StallKind)


moments = st.datetimes(
    MONDAY.replace(tzinfo=None) - timedelta(days=400),
    MONDAY.replace(tzinfo=None) + timedelta(days=400),
    timezones=st.just(UTC),
)


@given(
    st.sampled_from(PortStatus),
    moments,
    st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_a_stall_stays_until_something_happens(
    status: PortStatus,
    at: datetime,
    foc_date: date | None,
    signed_on: date | None,
    later: timedelta,
) -> None:
    facts = {"foc_date": foc_date, "loa_signed_on": signed_on}
    first, second = judged(status, at, **facts), judged(status, at + later, **facts)
    if first is not None:
        assert first.since <= at
        assert second is not None
        assert status in OPEN
        assert (first.kind is K.LOA_AGEING) <= (status in EDITABLE)
