"""Amounts, for those whose role may see them (ADR 0030)."""

from decimal import Decimal

import strawberry

from resolvers import access
from schema.node import Info

CENT = Decimal("0.01")


@strawberry.type(description="An exact amount in one currency.")
class Money:
    """An amount with its currency."""

    amount: Decimal = strawberry.field(description='The amount as text: `"1.25"`.')
    currency: str = strawberry.field(description="ISO 4217, for example `USD`.")

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "Money":
        """With two decimals, or as many more as the amount needs (the database keeps four)."""
        exact = amount.normalize()
        exponent = exact.as_tuple().exponent
        fine = isinstance(exponent, int) and exponent < -2
        return cls(amount=exact if fine else exact.quantize(CENT), currency=currency)

    @classmethod
    def shown(cls, info: Info, amount: Decimal, currency: str) -> "Money | None":
        """As `of`, for those who may see prices; null for others."""
        return cls.of(amount, currency) if access.sees_prices(info.context) else None
