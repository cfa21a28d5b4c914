"""What happened in a port project, and what people wrote about it."""

from datetime import datetime

import strawberry

from db import tables
from resolvers import port_history
from resolvers.ids import NodeKind, encode
from schema.node import Info, Node, of_kind
from schema.port_enums import PortStatus
from schema.scalars import E164


@of_kind(NodeKind.PORT_EVENT)
@strawberry.type(description="A line in the history of a port project. It is never changed.")
class PortEvent(Node):
    """One thing that happened."""

    row: strawberry.Private[tables.PortEventRow]
    sequence: int = strawberry.field(description="Counts from 1 within the project, without gaps.")
    at: datetime = strawberry.field(description="When.")
    status: PortStatus | None = strawberry.field(
        description="Where the project stood from then on, if that changed."
    )
    summary: str = strawberry.field(description="What, in a sentence.")
    number: E164 | None = strawberry.field(description="About which number, if it was one.")
    carrier_code: str | None = strawberry.field(description="The carrier's own code, if any.")

    @strawberry.field(
        description='Who did it. Customers see the platform\'s own people as "WARP staff".'
    )
    def actor(self, info: Info) -> str:
        """Masked for customers."""
        return port_history.actor_shown(info.context, self.row)

    @classmethod
    def of(cls, row: tables.PortEventRow) -> "PortEvent":
        """Of a row."""
        return cls(
            id=strawberry.ID(encode(NodeKind.PORT_EVENT, row.id)),
            row=row,
            sequence=row.seq,
            at=row.at,
            status=row.status,
            summary=row.summary,
            number=None if row.number is None else E164(row.number),
            carrier_code=row.carrier_code,
        )


@of_kind(NodeKind.PORT_COMMENT)
@strawberry.type(description="What somebody wrote about a port project.")
class PortComment(Node):
    """One comment."""

    row: strawberry.Private[tables.PortComment]
    at: datetime = strawberry.field(description="When.")
    text: str = strawberry.field(description="What.")

    @strawberry.field(
        description='Who wrote it. Customers see the platform\'s own people as "WARP staff".'
    )
    def author(self, info: Info) -> str:
        """Masked for customers."""
        return port_history.author_shown(info.context, self.row)

    @classmethod
    def of(cls, row: tables.PortComment) -> "PortComment":
        """Of a row."""
        return cls(
            id=strawberry.ID(encode(NodeKind.PORT_COMMENT, row.id)),
            row=row,
            at=row.at,
            text=row.text,
        )
