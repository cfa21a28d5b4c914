"""Rows for the tests of this floor, with only what a test cares about spelled out."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from db import seed
from db.ids import new_id
from db.tables import (
    Did,
    Notice,
    Operation,
    PortDocument,
    PortNumber,
    PortProject,
    Reservation,
    ReservationItem,
    Webhook,
)
from numbering.lanes import Lane
from numbering.lifecycle import OnPartialHold, OperationKind
from numbering.notices import NoticeKind
from numbering.porting import PortDocumentKind
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


def port_project(**values: Any) -> PortProject:
    """A project of customer A that nothing was done to yet."""
    fields: dict[str, Any] = {
        "customer_id": seed.CUSTOMER_A,
        "name": "Move the shops",
        "created_by": "ada",
    }
    return PortProject(**{**fields, **values})


def port_number(project: PortProject, number: str = NUMBER, **values: Any) -> PortNumber:
    """A number of a project."""
    fields: dict[str, Any] = {
        "project_id": project.id,
        "customer_id": project.customer_id,
        "number": number,
    }
    return PortNumber(**{**fields, **values})


def port_document(project: PortProject, **values: Any) -> PortDocument:
    """A letter of authorization for a project."""
    fields: dict[str, Any] = {
        "project_id": project.id,
        "customer_id": project.customer_id,
        "kind": PortDocumentKind.LOA,
        "file_name": "loa.pdf",
        "size_bytes": 3,
        "sha256": "c0ffee",
        "content_sealed": b"abc",
        "uploaded_by": "ada",
    }
    return PortDocument(**{**fields, **values})


def webhook(webhook_id: str = "msg-1", **values: Any) -> Webhook:
    """A delivery of the carrier."""
    fields: dict[str, Any] = {
        "id": webhook_id,
        "type": "port-status",
        "body": {"status": "CONFIRMED"},
        "operation_id": new_id(),
    }
    return Webhook(**{**fields, **values})


def notice(occasion: str = "port-complete:1", **values: Any) -> Notice:
    """An e-mail to customer A."""
    fields: dict[str, Any] = {
        "customer_id": seed.CUSTOMER_A,
        "kind": NoticeKind.PORT_COMPLETE,
        "occasion": occasion,
        "recipient": "ops@aspen.example",
    }
    return Notice(**{**fields, **values})


def stranger() -> UUID:
    """An id that nobody has."""
    return new_id()
