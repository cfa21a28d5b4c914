"""voice.reservations and their items: holds, one row for each number."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from db.tables.columns import chosen, counter, currency, key, moment, named, note, price, stamped
from numbering.lifecycle import OnPartialHold, ReservationItemState, ReservationState
from numbering.telephone import NumberType

LIVE_ITEMS = "state IN ('PENDING', 'HELD', 'ASSIGNING', 'PENDING_CONFIRMATION')"


class Reservation(SQLModel, table=True):
    """A cart: what one person asked to hold in one go."""

    __tablename__ = "reservations"
    __table_args__ = (
        Index("reservations_of_customer", "customer_id", "created_at", "id"),
        Index("reservations_by_created_at", "created_at", "id"),
        {"schema": "voice"},
    )

    id: UUID = key()
    customer_id: UUID = Field(foreign_key="accounts.customers.id", ondelete="RESTRICT")
    state: ReservationState = named(ReservationState, ReservationState.PENDING)
    created_by: str
    created_at: datetime = stamped()
    # The earliest deadline of its live items; after it something in the cart is lost.
    expires_at: datetime | None = moment()
    on_partial: OnPartialHold = chosen(OnPartialHold)
    # The last sequence of the stream reservation:<id>.
    sequence: int = counter(0)
    closed_at: datetime | None = moment()


class ReservationItem(SQLModel, table=True):
    """One number of a cart. The partial unique index decides who holds a number."""

    __tablename__ = "reservation_items"
    __table_args__ = (
        Index(
            "reservation_items_live_number",
            "number",
            unique=True,
            postgresql_where=text(LIVE_ITEMS),
        ),
        Index("reservation_items_of_reservation", "reservation_id", "position"),
        Index("reservation_items_due", "expires_at", postgresql_where=text("state = 'HELD'")),
        Index(
            "reservation_items_held_by_customer", "customer_id", postgresql_where=text(LIVE_ITEMS)
        ),
        {"schema": "voice"},
    )

    id: UUID = key()
    reservation_id: UUID = Field(foreign_key="voice.reservations.id")
    customer_id: UUID = Field(foreign_key="accounts.customers.id", ondelete="RESTRICT")
    number: str
    position: int
    state: ReservationItemState = named(ReservationItemState, ReservationItemState.PENDING)
    number_type: NumberType = chosen(NumberType)
    npa: str
    nxx: str
    locality: str | None = None
    state_code: str | None = None  # the place's state; `state` is the item's
    lata: int | None = None
    rate_center: str | None = None
    time_zone: str | None = None
    monthly_cost: Decimal = price()
    setup_fee: Decimal = price()
    currency: str = currency()
    held_at: datetime | None = moment()
    expires_at: datetime | None = moment()
    did_id: UUID | None = Field(default=None, foreign_key="voice.dids.id")
    operation_id: UUID | None = None
    error: dict[str, Any] | None = note()
    updated_at: datetime = stamped()
