"""What the losing carrier, the clock and the price list say of a port project."""

from datetime import datetime

import strawberry

from numbering import port_codes, port_costs, pricing
from numbering.port_codes import Rejection
from resolvers import porting
from schema.money import Money
from schema.port_code_enums import PortErrorCode
from schema.port_enums import StallKind
from schema.scalars import E164


def _money(amount: pricing.Money) -> Money:
    return Money.of(amount.amount, amount.currency)


@strawberry.type(description="Why the losing carrier turned an order down.")
class PortRejection:
    """The latest rejection."""

    at: datetime = strawberry.field(description="When.")
    code: PortErrorCode = strawberry.field(description="Why.")
    carrier_code: str | None = strawberry.field(description="The carrier's own code.")
    message: str = strawberry.field(description="Why, for people.")
    numbers: list[E164] = strawberry.field(description="Because of which numbers; may be empty.")
    what_to_do: str = strawberry.field(description="How it is mended, for people.")

    @classmethod
    def of(cls, found: Rejection) -> "PortRejection":
        """Of a rejection."""
        return cls(
            at=found.at,
            code=found.code,
            carrier_code=found.carrier_code,
            message=found.message,
            numbers=[E164(number) for number in found.numbers],
            what_to_do=port_codes.what_to_do(found.code),
        )


@strawberry.type(description="What a port project costs: fees that are fixed when it is submitted.")
class PortCost:
    """Fees, fixed when it is submitted."""

    per_number: Money = strawberry.field(description="For each number that is switched over.")
    rush: Money = strawberry.field(
        description="More for each, on a day before the standard interval (`FocDay.rush`)."
    )
    estimate: Money = strawberry.field(
        description="For all of its numbers, with the rush fee if its day is one."
    )
    charged: Money = strawberry.field(description="For the numbers that are in service here.")

    @classmethod
    def of(cls, found: port_costs.PortCost) -> "PortCost":
        """Of a cost."""
        return cls(
            per_number=_money(found.per_number),
            rush=_money(found.rush),
            estimate=_money(found.estimate),
            charged=_money(found.charged),
        )


@strawberry.type(description="A port project does not move and should: somebody has to look.")
class StallWarning:
    """What is stuck."""

    kind: StallKind = strawberry.field(description="What is stuck.")
    since: datetime = strawberry.field(description="Since when.")
    what_to_do: str = strawberry.field(description="What would move it, for people.")

    @classmethod
    def of(cls, found: porting.Stall) -> "StallWarning":
        """Of a verdict."""
        return cls(kind=found.kind, since=found.since, what_to_do=found.what_to_do)
