"""Prices: exact, dated, the most specific entry first."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbering
from numbering import pricing
from numbering.area_codes import STATES, state_of
from numbering.pricing import Money, PortPrices, PriceList, PriceListError, Quote
from numbering.telephone import NumberType
from tests.numbering import strategies

SOURCE = (Path(numbering.__file__).parent / pricing.CURRENT).read_bytes()
prices = PriceList.load(SOURCE)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def test_the_list_in_force_is_named_by_its_date() -> None:
    assert Path(pricing.CURRENT).stem == prices.effective.isoformat() == str(date(2026, 11, 1))


@pytest.mark.parametrize(
    ("number_type", "npa", "state", "monthly", "setup"),
    [
        (NumberType.LOCAL, "303", "CO", "1.00", "1.00"),
        (NumberType.LOCAL, "212", "NY", "1.50", "1.00"),
        (NumberType.LOCAL, "983", "CO", "0.50", "1.00"),
        (NumberType.LOCAL, "907", "AK", "1.50", "1.00"),
        (NumberType.LOCAL, "787", "PR", "1.25", "1.00"),
        (NumberType.LOCAL, "303", None, "1.00", "1.00"),
        (NumberType.TOLL_FREE, "800", None, "2.00", "5.00"),
        (NumberType.TOLL_FREE, "833", None, "2.00", "5.00"),
    ],
)
def test_prices(
    number_type: NumberType, npa: str, state: str | None, monthly: str, setup: str
) -> None:
    assert prices.quote(number_type, npa, state) == Quote(usd(monthly), usd(setup))


@given(strategies.npas, st.none() | st.sampled_from(sorted(STATES)))
def test_every_local_price_is_in_the_plans_range(npa: str, state: str | None) -> None:
    quote = prices.quote(NumberType.LOCAL, npa, state)
    assert usd("0.50").amount <= quote.monthly.amount <= usd("1.50").amount
    assert quote.setup == usd("1.00")


def test_every_entry_of_the_list_can_be_reached() -> None:
    assert set(prices.by_npa) <= set(strategies.LOCAL_NPAS)
    assert all(state_of(npa) for npa in prices.by_npa)
    assert set(prices.by_state) <= STATES


def test_the_area_code_decides_before_the_state() -> None:
    source = SOURCE.replace(b'212 = "1.50"', b'907 = "0.75"')
    assert PriceList.load(source).quote(NumberType.LOCAL, "907", "AK").monthly == usd("0.75")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"effective = 2026-11-01", b""),
        (b"effective = 2026-11-01", b'effective = "2026-11-01"'),
        (b"effective = 2026-11-01", b"effective = 2026-11-01T00:00:00Z"),
        (b'currency = "USD"', b""),
        (b'"2.00"', b"2.00"),
        (b'"2.00"', b'"two"'),
        (b'"2.00"', b'"NaN"'),
        (b'"2.00"', b'"Infinity"'),
        (b'"2.00"', b'"-2.00"'),
        (b'"2.00"', b'"2.00001"'),
        (b"[toll_free]", b"[tollfree]"),
        (b"[porting]", b"[ports]"),
        (b'rush = "25.00"', b""),
        (b'rush = "25.00"', b"rush = 25.00"),
        (b"[local.states]", b"[[local.states]]"),
        (b"[local]", b"[local"),
        (b"# Monthly", b"\xff"),
    ],
)
def test_an_unusable_list_is_refused(old: bytes, new: bytes) -> None:
    assert old in SOURCE
    with pytest.raises(PriceListError, match="unusable"):
        PriceList.load(SOURCE.replace(old, new, 1))


def test_a_list_may_do_without_exceptions() -> None:
    plain = PriceList.load(SOURCE[: SOURCE.index(b"[local.states]")])
    assert plain.quote(NumberType.LOCAL, "212", "AK").monthly == usd("1.00")


def test_ports_cost_what_the_plan_says() -> None:
    assert prices.porting == PortPrices(fee=usd("10.00"), rush=usd("25.00"))


amounts = st.decimals(0, 10**6, places=4).map(Money)


@given(st.lists(amounts))
def test_totals_are_exact(parts: list[Money]) -> None:
    total = Money.total(parts)
    assert total.amount == sum((part.amount for part in parts), Decimal(0))
    assert total.currency == "USD"


@given(amounts, st.integers(0, 10_000))
def test_so_many_of_an_amount_are_exact(amount: Money, count: int) -> None:
    assert amount.times(count) == Money(amount.amount * count)
    assert amount.times(2) == amount + amount


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="EUR"):
        _ = usd("1") + Money(Decimal(1), "EUR")
    assert Money.total([Money(Decimal(1), "EUR")], "EUR") == Money(Decimal(1), "EUR")
    assert Money.total([]) == usd("0")
