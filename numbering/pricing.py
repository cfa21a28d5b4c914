"""Prices of numbers: dated price lists, exact decimal money (decisions 5).

The list in force is a TOML file in `numbering/prices/`, named by its date. Reading the file is the
caller's I/O; a quote is frozen on the reservation item, so a later list changes no open cart.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from numbering.telephone import NumberType

CURRENT = "prices/2026-11-01.toml"
"""The list in force, relative to this package."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount, at most four places, in one currency."""

    amount: Decimal
    currency: str = "USD"

    def __add__(self, other: "Money") -> "Money":
        """Sum; ValueError across currencies."""
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return Money(self.amount + other.amount, self.currency)

    def times(self, count: int) -> "Money":
        """The amount for `count` of something."""
        return Money(self.amount * count, self.currency)

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str = "USD") -> "Money":
        """The sum of any number of amounts; zero for none."""
        return sum(amounts, start=cls(Decimal("0.00"), currency))


@dataclass(frozen=True, slots=True)
class Quote:
    """What a number costs each month and once."""

    monthly: Money
    setup: Money


@dataclass(frozen=True, slots=True)
class PortPrices:
    """What a ported number costs once; `rush` comes on top for a date before the usual interval."""

    fee: Money
    rush: Money


class PriceListError(ValueError):
    """The price list itself is unusable; names the entry."""


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices in force from a date on."""

    effective: date
    currency: str
    toll_free: Quote
    local: Quote
    by_state: Mapping[str, Decimal]
    by_npa: Mapping[str, Decimal]
    porting: PortPrices

    @classmethod
    def load(cls, source: bytes) -> Self:
        """Read the TOML of a price list; PriceListError if anything in it is not usable."""
        try:
            data = tomllib.loads(source.decode())
            local, currency = data["local"], data["currency"]
            return cls(
                effective=_date(data["effective"]),
                currency=currency,
                toll_free=_quote(data["toll_free"], currency),
                local=_quote(local, currency),
                by_state={k: _amount(v) for k, v in local.get("states", {}).items()},
                by_npa={k: _amount(v) for k, v in local.get("npas", {}).items()},
                porting=_port_prices(data["porting"], currency),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PriceListError(f"the price list is unusable: {error}") from error

    def quote(self, number_type: NumberType, npa: str, state: str | None = None) -> Quote:
        """The price of a number; the area code decides before the state."""
        if number_type is NumberType.TOLL_FREE:
            return self.toll_free
        special = self.by_npa.get(npa, self.by_state.get(state or ""))
        if special is None:
            return self.local
        return Quote(Money(special, self.currency), self.local.setup)


def _date(value: Any) -> date:
    if type(value) is not date:
        raise ValueError("effective must be a date")
    return value


def _quote(entry: Mapping[str, Any], currency: str) -> Quote:
    return Quote(
        Money(_amount(entry["monthly"]), currency), Money(_amount(entry["setup"]), currency)
    )


def _port_prices(entry: Mapping[str, Any], currency: str) -> PortPrices:
    return PortPrices(
        Money(_amount(entry["fee"]), currency), Money(_amount(entry["rush"]), currency)
    )


def _amount(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} must be written as a string")
    try:
        amount = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not an amount") from error
    if not amount.is_finite() or amount < 0 or amount != round(amount, 4):
        raise ValueError(f"{value!r} must be zero or more, with at most four places")
    return amount
