"""Who is asking."""

from datetime import datetime

import strawberry

from resolvers import clock, viewer
from schema.customers import Customer
from schema.node import Info
from schema.work_enums import Role


@strawberry.type(description="The one who asks, as the token says.")
class Viewer:
    """The actor of this request."""

    subject: str = strawberry.field(description="Their id at the identity provider.")
    name: str | None = strawberry.field(description="Their name.")
    email: str | None = strawberry.field(description="Their e-mail address.")
    roles: list[Role] = strawberry.field(description="Their roles; rights add up.")
    permissions: list[str] = strawberry.field(
        description=(
            "What the roles allow, for showing or hiding buttons: DIDS_READ, PRICES_READ, SEARCH, "
            "DIDS_UPDATE, PROCURE, AUDIT_READ, STAFF, PORT_READ, PORT_LINT, PORT_EDIT, "
            "PORT_SUBMIT, NOTICES_EDIT."
        )
    )

    @strawberry.field(
        description=(
            "The customer they act for: the one in the header `x-customer-id` (on a WebSocket in "
            "`connection_init`), or their only one. Null for staff."
        )
    )
    async def customer(self, info: Info) -> Customer | None:
        """By loader."""
        row = await viewer.active_customer(info.context)
        return None if row is None else Customer.of(row)

    @strawberry.field(
        description="The customers they may act for, by name. Empty for staff: see `customers`."
    )
    async def customers(self, info: Info) -> list[Customer]:
        """Each in its own scope."""
        return [Customer.of(row) for row in await viewer.own_customers(info.context)]

    @strawberry.field(description="The clock that every deadline goes by.")
    async def server_time(self, info: Info) -> datetime:
        """Of the database."""
        return await clock.server_time(info.context)

    @classmethod
    def of(cls, info: Info) -> "Viewer":
        """Of this request."""
        actor = info.context.actor
        return cls(
            subject=actor.subject,
            name=actor.name,
            email=actor.email,
            roles=sorted(actor.roles),
            permissions=sorted(actor.permissions),
        )
