"""The audit log: who changed what."""

from datetime import datetime

import strawberry

from db import tables
from resolvers import audit, customers
from resolvers.ids import NodeKind, encode
from schema.connection import Connection, connection
from schema.customers import Customer
from schema.node import Info, Node, of_kind
from schema.scalars import E164, JSONObject
from schema.work_enums import AuditAction


@of_kind(NodeKind.AUDIT_EVENT)
@strawberry.type(description="Something that somebody did. It is never changed or removed.")
class AuditEvent(Node):
    """One change."""

    row: strawberry.Private[tables.AuditRow]
    at: datetime = strawberry.field(description="When.")
    action: AuditAction = strawberry.field(description="What.")
    number: E164 | None = strawberry.field(description="To which number, if it was one.")
    before: JSONObject | None = strawberry.field(description="What was changed, as it was.")
    after: JSONObject | None = strawberry.field(description="What was changed, as it became.")
    request_id: str | None = strawberry.field(
        description="The request it came from; support can find it by this."
    )
    operation_id: strawberry.ID | None = strawberry.field(
        description="The `Operation` that carried it out at the carrier."
    )

    @strawberry.field(
        description='Who did it. Customers see the platform\'s own people as "WARP staff".'
    )
    def actor(self, info: Info) -> str:
        """Masked for customers."""
        return audit.actor_shown(info.context, self.row)

    @strawberry.field(description="Why, in that person's words.")
    def reason(self, info: Info) -> str | None:
        """Without staff's notes for customers."""
        return audit.reason_shown(info.context, self.row)

    @strawberry.field(description="Whose numbers it was about.")
    async def on_behalf_of(self, info: Info) -> Customer | None:
        """By loader."""
        row = await customers.owner_if_any(info.context, self.row.customer_id)
        return None if row is None else Customer.of(row)

    @classmethod
    def of(cls, row: tables.AuditRow) -> "AuditEvent":
        """Of a row."""
        operation = row.operation_id
        return cls(
            id=strawberry.ID(encode(NodeKind.AUDIT_EVENT, row.id)),
            row=row,
            at=row.at,
            action=row.action,
            number=None if row.number is None else E164(row.number),
            before=None if row.before is None else JSONObject(row.before),
            after=None if row.after is None else JSONObject(row.after),
            request_id=row.request_id,
            operation_id=strawberry.ID(encode(NodeKind.OPERATION, operation))
            if operation
            else None,
        )


async def audit_pages(info: Info, asked: audit.AuditQuestion) -> Connection[AuditEvent]:
    """A page of the log."""
    page = await audit.page(info.context, asked)
    return connection(page, AuditEvent.of, lambda: audit.count(info.context, asked.where))
