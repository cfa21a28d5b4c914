"""What is under way at the carrier, and what went wrong."""

from datetime import datetime

import strawberry

from db import tables
from resolvers import customers, incidents, operations
from resolvers.budget import Usage
from resolvers.ids import NodeKind, encode
from schema.customers import Customer
from schema.errors import UserError, stored_error
from schema.node import Info, Node, of_kind
from schema.scalars import E164
from schema.work_enums import BreakerState, IncidentState, OperationKind, OperationState


@of_kind(NodeKind.OPERATION)
@strawberry.type(
    description=(
        "Something that is carried out at the carrier, durably: it ends SUCCEEDED, FAILED or, when "
        "people have to decide, ATTENTION. `operationUpdated` follows it."
    )
)
class Operation(Node):
    """A durable operation."""

    row: strawberry.Private[tables.Operation]
    kind: OperationKind = strawberry.field(description="What it does.")
    state: OperationState = strawberry.field(description="How far it is.")
    sequence: int = strawberry.field(description="Grows with every change.")
    number: E164 | None = strawberry.field(description="The number it is about, if it is one.")
    attempts: int = strawberry.field(description="How often it was tried.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    updated_at: datetime = strawberry.field(description="When it changed last.")
    next_attempt_at: datetime | None = strawberry.field(
        description="When it goes on; null once it has ended or while it runs."
    )
    error: UserError | None = strawberry.field(description="Why it failed, when it did.")

    @strawberry.field(description="Whose it is.")
    async def customer(self, info: Info) -> Customer | None:
        """By loader."""
        row = await customers.owner_if_any(info.context, self.row.customer_id)
        return None if row is None else Customer.of(row)

    @classmethod
    def of(cls, row: tables.Operation) -> "Operation":
        """Of a row."""
        number = operations.number_of(row)
        return cls(
            id=strawberry.ID(encode(NodeKind.OPERATION, row.id)),
            row=row,
            kind=row.kind,
            state=row.state,
            sequence=row.sequence,
            number=None if number is None else E164(number),
            attempts=row.attempt,
            created_at=row.created_at,
            updated_at=row.updated_at,
            next_attempt_at=operations.next_attempt_at(row),
            error=stored_error(row.error),
        )


@of_kind(NodeKind.INCIDENT)
@strawberry.type(
    description="An operation that came to no end by itself: staff retry or resolve it."
)
class Incident(Node):
    """A dead letter."""

    row: strawberry.Private[tables.Incident]
    number: E164 | None = strawberry.field(description="The number it is about, if it is one.")
    summary: str = strawberry.field(description="What happened, in a sentence.")
    last_error: str | None = strawberry.field(description="The last error, in technical words.")
    opened_at: datetime = strawberry.field(description="When it was opened.")
    state: IncidentState = strawberry.field(description="Whether somebody still has to look.")
    resolved_by: str | None = strawberry.field(description="Who closed it.")
    resolution: str | None = strawberry.field(description="How it was closed, in their words.")

    @strawberry.field(description="The operation that needs people.")
    async def operation(self, info: Info) -> Operation | None:
        """By loader."""
        row = await incidents.operation(info.context, self.row)
        return None if row is None else Operation.of(row)

    @strawberry.field(description="Whose number it is about.")
    async def customer(self, info: Info) -> Customer | None:
        """By loader."""
        row = await customers.owner_if_any(info.context, self.row.customer_id)
        return None if row is None else Customer.of(row)

    @classmethod
    def of(cls, row: tables.Incident) -> "Incident":
        """Of a row."""
        return cls(
            id=strawberry.ID(encode(NodeKind.INCIDENT, row.id)),
            row=row,
            number=None if row.number is None else E164(row.number),
            summary=row.summary,
            last_error=row.last_error,
            opened_at=row.opened_at,
            state=row.state,
            resolved_by=row.resolved_by,
            resolution=row.resolution,
        )


@strawberry.type(description="How much of the carrier's allowance of requests is used.")
class UpstreamBudget:
    """The rate limit that the whole platform shares."""

    limit_per_minute: int = strawberry.field(description="Requests allowed in any 60 seconds.")
    used_last_minute: int = strawberry.field(description="Requests of the last 60 seconds.")
    blocked_until: datetime | None = strawberry.field(
        description="The carrier asked us to wait until then; null when it did not."
    )
    breaker: BreakerState = strawberry.field(description="Whether the carrier is called at all.")
    waiting_interactive: int = strawberry.field(
        description="Operations that people wait for and that have not begun."
    )
    waiting_bulk: int = strawberry.field(description="Other operations that have not begun.")

    @classmethod
    def of(cls, used: Usage) -> "UpstreamBudget":
        """Of the slots and the queue."""
        return cls(
            limit_per_minute=used.slots.limit_per_minute,
            used_last_minute=used.slots.used_last_minute,
            blocked_until=used.slots.blocked_until,
            breaker=used.slots.breaker,
            waiting_interactive=used.waiting_interactive,
            waiting_bulk=used.waiting_bulk,
        )
