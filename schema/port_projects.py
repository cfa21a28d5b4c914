"""A port project: numbers that move here together from another carrier."""

from datetime import date, datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from db import tables
from resolvers import customers, port_calendar, port_documents, port_history, port_numbers, porting
from resolvers.ids import NodeKind, encode
from resolvers.port_numbers import NumberQuestion
from resolvers.porting import ProjectQuestion
from schema.arguments import After, First, given
from schema.connection import Connection, connection
from schema.customers import Customer
from schema.node import Info, Node, of_kind
from schema.port_calendar import FocCalendar
from schema.port_documents import LoaStatus, PortDocument
from schema.port_enums import PortNumberState, PortStatus
from schema.port_history import PortComment, PortEvent
from schema.port_numbers import PortErrorGroup, PortNumber, number_pages
from schema.port_progress import PortValidationProgress
from schema.port_verdicts import PortCost, PortRejection, StallWarning

States = Annotated[
    list[PortNumberState] | None, strawberry.argument(description="In one of these states.")
]
From = Annotated[
    date | None, strawberry.argument(name="from", description="The first day; today unless told.")
]
Days = Annotated[
    int | None, strawberry.argument(description="How many days, 1 to 92; null for the default.")
]


@of_kind(NodeKind.PORT_PROJECT)
@strawberry.type(
    description=(
        "Numbers that move here together from another carrier: a file of numbers, checked by the "
        "carrier, submitted as one order for one day."
    )
)
class PortProject(Node):
    """A project; the columns as they stand, neighbours by loader."""

    row: strawberry.Private[tables.PortProject]
    name: str = strawberry.field(description="The name that the customer gave it.")
    description: str | None = strawberry.field(description="Notes of the customer.")
    status: PortStatus = strawberry.field(description="Where it stands.")
    allowed_next: list[PortStatus] = strawberry.field(
        description="Where it may go from there, whoever moves it; empty when it is over."
    )
    losing_carrier: str | None = strawberry.field(description="The carrier that it comes from.")
    authorized_person: str | None = strawberry.field(
        description="Who may decide on the account at the losing carrier."
    )
    authorized_title: str | None = strawberry.field(description="What that person is there.")
    requested_foc_date: date | None = strawberry.field(
        description="The day that was asked for: a wish until it is submitted."
    )
    foc_date: date | None = strawberry.field(description="The day, as the losing carrier fixed it.")
    attempt: int = strawberry.field(
        description="How often it is being submitted, from 1; a rejection starts the next one."
    )
    created_at: datetime = strawberry.field(description="When it was created.")
    submitted_at: datetime | None = strawberry.field(description="When it was submitted last.")
    completed_at: datetime | None = strawberry.field(description="When it was over.")

    @classmethod
    def of(cls, row: tables.PortProject) -> "PortProject":
        """Of a row."""
        return cls(
            id=strawberry.ID(encode(NodeKind.PORT_PROJECT, row.id)),
            row=row,
            name=row.name,
            description=row.description,
            status=row.status,
            allowed_next=porting.allowed_next(row),
            losing_carrier=row.losing_carrier,
            authorized_person=row.authorized_person,
            authorized_title=row.authorized_title,
            requested_foc_date=row.requested_foc_date,
            foc_date=row.foc_date,
            attempt=row.attempt,
            created_at=row.created_at,
            submitted_at=row.submitted_at,
            completed_at=row.completed_at,
        )

    @strawberry.field(description="Whose it is.")
    async def customer(self, info: Info) -> Customer:
        """By loader."""
        return Customer.of(await customers.owner(info.context, self.row.customer_id))

    @strawberry.field(description="How far the checking is. `portValidationProgress` follows it.")
    async def progress(self, info: Info) -> PortValidationProgress:
        """By loader."""
        return PortValidationProgress.of(await porting.progress(info.context, self.row))

    @strawberry.field(description="The numbers, by number, 50 unless told; removed ones left out.")
    async def numbers(
        self, info: Info, first: First = 50, after: After = UNSET, states: States = UNSET
    ) -> Connection[PortNumber]:
        """A page of them."""
        asked = NumberQuestion(self.row.id, given(states), first=first, after=given(after))
        return await number_pages(info, asked)

    @strawberry.field(description="What is wrong with the numbers, the most frequent first.")
    async def error_groups(self, info: Info) -> list[PortErrorGroup]:
        """By loader."""
        groups = await port_numbers.groups(info.context, self.row)
        return [PortErrorGroup.of(group) for group in groups]

    @strawberry.field(description="Its documents, the oldest first.")
    async def documents(self, info: Info) -> list[PortDocument]:
        """By loader."""
        rows = await port_documents.documents(info.context, self.row)
        return [PortDocument.of(row) for row in rows]

    @strawberry.field(description="Whether the letter of authorization is there and good.")
    async def loa(self, info: Info) -> LoaStatus:
        """By loader."""
        return LoaStatus.of(await port_documents.loa(info.context, self.row))

    @strawberry.field(
        description=(
            "The days that it can be submitted for, by the clock of this moment, its numbers' "
            "zones and its losing carriers."
        )
    )
    async def foc_calendar(self, info: Info, start: From = UNSET, days: Days = 30) -> FocCalendar:
        """By numbering's rules."""
        found = await port_calendar.calendar(info.context, self.row, start=given(start), days=days)
        return FocCalendar.of(found)

    @strawberry.field(description="Why the latest order was turned down, if it was.")
    def rejection(self) -> PortRejection | None:
        """Of the same row."""
        found = porting.rejection(self.row)
        return None if found is None else PortRejection.of(found)

    @strawberry.field(description="What happened, newest first. `portProjectEvents` follows it.")
    async def timeline(
        self, info: Info, first: First = 20, after: After = UNSET
    ) -> Connection[PortEvent]:
        """A page of the history."""
        ctx, project = info.context, self.row.id
        page = await port_history.events(ctx, project, first=first, after=given(after))
        return connection(page, PortEvent.of, lambda: port_history.count_events(ctx, project))

    @strawberry.field(description="What people wrote about it, newest first.")
    async def comments(
        self, info: Info, first: First = 20, after: After = UNSET
    ) -> Connection[PortComment]:
        """A page of comments."""
        ctx, project = info.context, self.row.id
        page = await port_history.comments(ctx, project, first=first, after=given(after))
        return connection(page, PortComment.of, lambda: port_history.count_comments(ctx, project))

    @strawberry.field(
        description="What it costs. Null unless your role may see prices (PRICES_READ)."
    )
    async def cost(self, info: Info) -> PortCost | None:
        """For those who may see it."""
        found = await porting.cost(info.context, self.row)
        return None if found is None else PortCost.of(found)

    @strawberry.field(description="That somebody has to look at it, and why; else null.")
    def stall(self) -> StallWarning | None:
        """Of the same row."""
        found = porting.stall(self.row)
        return None if found is None else StallWarning.of(found)


async def project_pages(info: Info, asked: ProjectQuestion) -> Connection[PortProject]:
    """A page of projects as the public list."""
    page = await porting.page(info.context, asked)
    return connection(page, PortProject.of, lambda: porting.count(info.context, asked))
