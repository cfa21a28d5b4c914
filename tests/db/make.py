"""Rows for the tests of this floor, with only what a test cares about spelled out."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from db import seed
from db.ids import new_id
from db.tables import Did, Operation, Reservation, ReservationItem
from numbering.lanes import Lane
from numbering.lifecycle import OnPartialHold, OperationKind
from numbering.telephone import NumberType

NUMBER = "+13035550200"


def did(number: str = NUMBER, **values: Any) -> Did:
    """A did of customer A."""
    fields: dict[str, Any] = {
        "number": number,
        "number_type": NumberType.LOCAL,
        "npa": number[2:5],
        "nxx": number[5:8],
        "customer_id": seed.CUSTOMER_A,
        "monthly_cost": Decimal("1.2500"),
        "setup_fee": Decimal("0.5000"),
    }
    return Did(**{**fields, **values})


def cart(**values: Any) -> Reservation:
    """An empty cart of customer A."""
    fields: dict[str, Any] = {
        "customer_id": seed.CUSTOMER_A,
        "created_by": "ada",
        "on_partial": OnPartialHold.KEEP,
    }
    return Reservation(**{**fields, **values})


def item(cart_of: Reservation, number: str = NUMBER, **values: Any) -> ReservationItem:
    """An item of a cart."""
    fields: dict[str, Any] = {
        "reservation_id": cart_of.id,
        "customer_id": cart_of.customer_id,
        "number": number,
        "position": 0,
        "number_type": NumberType.LOCAL,
        "npa": number[2:5],
        "nxx": number[5:8],
        "monthly_cost": Decimal("1.2500"),
        "setup_fee": Decimal(0),
    }
    return ReservationItem(**{**fields, **values})


def operation(subject: str = NUMBER, **values: Any) -> Operation:
    """A hold on a number, for customer A."""
    fields: dict[str, Any] = {
        "customer_id": seed.CUSTOMER_A,
        "kind": OperationKind.NUMBER_HOLD,
        "kind_group": "number",
        "subject": subject,
        "lane": Lane.INTERACTIVE,
    }
    return Operation(**{**fields, **values})


def stranger() -> UUID:
    """An id that nobody has."""
    return new_id()
