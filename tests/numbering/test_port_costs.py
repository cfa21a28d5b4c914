"""What a port costs, by the plan's appendix."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.port_costs import PortCost, PortPrices, cost
from numbering.pricing import Money


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


PRICES = PortPrices(fee=usd("10.00"), rush=usd("25.00"))


@pytest.mark.parametrize(
    ("total", "active", "rush", "estimate", "charged"),
    [
        (100, 0, False, "1000.00", "0"),
        (100, 98, False, "1000.00", "980.00"),
        (100, 100, True, "3500.00", "3500.00"),
        (100, 98, True, "3500.00", "3430.00"),
        # Rejected, cancelled or failed: nothing was activated.
        (100, 0, True, "3500.00", "0"),
        (0, 0, True, "0", "0"),
    ],
)
def test_only_what_was_activated_is_charged(
    total: int, active: int, *, rush: bool, estimate: str, charged: str
) -> None:
    assert cost(PRICES, total=total, active=active, rush=rush) == PortCost(
        usd("10.00"), usd("25.00"), usd(estimate), usd(charged)
    )


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.booleans())
def test_never_more_than_the_estimate(one: int, other: int, rush: bool) -> None:
    active, total = sorted((one, other))
    owed = cost(PRICES, total=total, active=active, rush=rush)
    assert usd("0").amount <= owed.charged.amount <= owed.estimate.amount


@pytest.mark.parametrize(("total", "active"), [(3, 4), (3, -1)])
def test_no_more_can_be_active_than_there_are(total: int, active: int) -> None:
    with pytest.raises(ValueError, match="cannot be active"):
        cost(PRICES, total=total, active=active, rush=False)
