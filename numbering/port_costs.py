"""What a port costs: a fee for each number that is activated, and more on a rush date.

A number that fails, is rejected or is taken out costs nothing (plan, cost appendix).
"""

from dataclasses import dataclass

from numbering.pricing import Money, PortPrices

__all__ = ["PortCost", "PortPrices", "cost"]


@dataclass(frozen=True, slots=True)
class PortCost:
    """The two prices for one number, what all would cost, and what is owed by now.

    `rush` is the price of a rush date whether or not one was chosen; the sums hold it only if so.
    """

    per_number: Money
    rush: Money
    estimate: Money
    charged: Money


def cost(prices: PortPrices, *, total: int, active: int, rush: bool) -> PortCost:
    """The cost of a project of `total` numbers, `active` of them activated; ValueError if not."""
    if not 0 <= active <= total:
        raise ValueError(f"{active} of {total} numbers cannot be active")
    each = prices.fee + prices.rush if rush else prices.fee
    return PortCost(prices.fee, prices.rush, each.times(total), each.times(active))
