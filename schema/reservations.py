"""Holds: a reservation and its numbers."""

from datetime import datetime

import strawberry

from db import tables
from numbering import place
from resolvers import clock, customers, reservations
from resolvers.ids import NodeKind, encode
from schema.customers import Customer
from schema.dids import Did
from schema.errors import UserError, stored_error
from schema.money import Money
from schema.node import Info, Node, of_kind
from schema.place import Place
from schema.scalars import E164
from schema.work_enums import ReservationItemState, ReservationState


@strawberry.type(description="One number of a reservation.")
class ReservationItem:
    """A number that is, was or could not be held."""

    row: strawberry.Private[tables.ReservationItem]
    id: strawberry.ID = strawberry.field(description="Opaque and stable.")
    number: E164 = strawberry.field(description="The number.")
    state: ReservationItemState = strawberry.field(description="How it stands with this number.")
    expires_at: datetime | None = strawberry.field(
        description=(
            "When the hold ends; a minute before the carrier's own end. Holds cannot be extended: "
            "the carrier knows no such call."
        )
    )
    error: UserError | None = strawberry.field(description="Why it was not held or not bought.")

    @strawberry.field(description="Where the number is at home.")
    def place(self) -> Place:
        """As it was when the hold began."""
        return Place.of(
            place.Place(
                npa=self.row.npa,
                nxx=self.row.nxx,
                locality=self.row.locality,
                state=self.row.state_code,
                lata=self.row.lata,
                rate_center=self.row.rate_center,
                time_zone=self.row.time_zone,
            )
        )

    @strawberry.field(
        description=(
            "What it will cost a month, fixed when the hold began. Null unless your role may see "
            "prices (PRICES_READ)."
        )
    )
    def monthly_cost(self, info: Info) -> Money | None:
        """For those who may see it."""
        return Money.shown(info, self.row.monthly_cost, self.row.currency)

    @strawberry.field(
        description=(
            "What it will cost once, fixed when the hold began. Null unless your role may see "
            "prices (PRICES_READ)."
        )
    )
    def setup_fee(self, info: Info) -> Money | None:
        """For those who may see it."""
        return Money.shown(info, self.row.setup_fee, self.row.currency)

    @strawberry.field(description="The number as bought, once it is ASSIGNED.")
    async def did(self, info: Info) -> Did | None:
        """By loader."""
        row = await reservations.did(info.context, self.row)
        return None if row is None else Did.of(row)

    @classmethod
    def of(cls, row: tables.ReservationItem) -> "ReservationItem":
        """Of a row."""
        return cls(
            id=strawberry.ID(encode(NodeKind.RESERVATION_ITEM, row.id)),
            row=row,
            number=E164(row.number),
            state=row.state,
            expires_at=row.expires_at,
            error=stored_error(row.error),
        )


@of_kind(NodeKind.RESERVATION)
@strawberry.type(description="A hold on up to 50 numbers for about 14 minutes: the shopping cart.")
class Reservation(Node):
    """A cart."""

    row: strawberry.Private[tables.Reservation]
    state: ReservationState = strawberry.field(description="How it stands with the numbers in all.")
    sequence: int = strawberry.field(description="Grows with every change.")
    created_by: str = strawberry.field(description="Who asked for it.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    expires_at: datetime | None = strawberry.field(
        description="When the first hold in it ends. Count down from here and `serverTime`."
    )

    @strawberry.field(description="Whose hold it is.")
    async def customer(self, info: Info) -> Customer:
        """By loader."""
        return Customer.of(await customers.owner(info.context, self.row.customer_id))

    @strawberry.field(description="The clock that `expiresAt` goes by.")
    async def server_time(self, info: Info) -> datetime:
        """Of the database."""
        return await clock.server_time(info.context)

    @strawberry.field(description="The numbers, in the order they were asked for.")
    async def items(self, info: Info) -> list[ReservationItem]:
        """By loader."""
        rows = await reservations.items(info.context, self.row)
        return [ReservationItem.of(row) for row in rows]

    @strawberry.field(
        description=(
            "What the numbers that are held or bought cost a month. Null unless your role may see "
            "prices (PRICES_READ)."
        )
    )
    async def monthly_total(self, info: Info) -> Money | None:
        """For those who may see it."""
        total = await reservations.monthly_total(info.context, self.row)
        return Money.shown(info, total.amount, total.currency)

    @strawberry.field(
        description=(
            "What the numbers that are held or bought cost once. Null unless your role may see "
            "prices (PRICES_READ)."
        )
    )
    async def setup_total(self, info: Info) -> Money | None:
        """For those who may see it."""
        total = await reservations.setup_total(info.context, self.row)
        return Money.shown(info, total.amount, total.currency)

    @classmethod
    def of(cls, row: tables.Reservation) -> "Reservation":
        """Of a row."""
        return cls(
            id=strawberry.ID(encode(NodeKind.RESERVATION, row.id)),
            row=row,
            state=row.state,
            sequence=row.sequence,
            created_by=row.created_by,
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
