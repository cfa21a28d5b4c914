"""Buckets empty, refill by the clock, and are kept apart; seats are counted."""

import pytest

from gateway import throttle
from gateway.throttle import Buckets, Seats
from schema.faults import Fault


class Clock:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def buckets(clock: Clock) -> Buckets:
    return Buckets(100, 10, clock=clock)


def test_a_bucket_tells_what_is_left(buckets):
    assert buckets.spend("a", 30) == {
        "requestedQueryCost": 30,
        "throttleStatus": {
            "maximumAvailable": 100,
            "currentlyAvailable": 70,
            "restoreRate": 10,
        },
    }


def test_an_empty_bucket_says_when_and_takes_nothing(buckets, clock):
    buckets.spend("a", 95)
    for _ in range(3):
        with pytest.raises(Fault) as refused:
            buckets.spend("a", 26)
        assert refused.value.code == "THROTTLED"
        assert refused.value.retry_after == 3
    clock.now += 2.0
    with pytest.raises(Fault) as refused:
        buckets.spend("a", 26)
    assert refused.value.retry_after == 1
    clock.now += 0.1
    buckets.spend("a", 26)


def test_customers_do_not_share(buckets):
    buckets.spend("a", 100)
    buckets.spend("b", 100)


def test_a_bucket_never_overflows(buckets, clock):
    buckets.spend("a", 1)
    clock.now += 3_600
    assert buckets.spend("a", 0)["throttleStatus"]["currentlyAvailable"] == 100  # type: ignore[index]


def test_what_costs_more_than_the_bucket_needs_it_full(buckets, clock):
    buckets.spend("a", 500)
    with pytest.raises(Fault) as refused:
        buckets.spend("a", 500)
    assert refused.value.retry_after == 10
    clock.now += 10
    buckets.spend("a", 500)


def test_memory_is_bounded(buckets, monkeypatch):
    monkeypatch.setattr(throttle, "MAX_BUCKETS", 3)
    for name in "abcd":
        buckets.spend(name, 100)
    buckets.spend("a", 100)
    with pytest.raises(Fault):
        buckets.spend("d", 1)


def test_seats_are_given_back():
    seats = Seats(2)
    seats.take("a")
    seats.take("a")
    seats.take("b")
    with pytest.raises(Fault) as refused:
        seats.take("a")
    assert refused.value.code == "THROTTLED"
    seats.leave("a")
    seats.take("a")
