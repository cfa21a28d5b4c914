"""The lists that are read newest first: reservations, customers, incidents, the audit log."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID, UNSET

from resolvers import audit, customers, incidents, reservations
from schema.arguments import After, First, given
from schema.audit import AuditEvent, audit_pages
from schema.connection import Connection, connection
from schema.customers import Customer
from schema.node import Info
from schema.operations import Incident
from schema.reservations import Reservation
from schema.scalars import E164
from schema.work_enums import AuditAction, IncidentState, ReservationState


@strawberry.type
class LogQuery:
    """A part of Query; never published by itself."""

    @strawberry.field(description="Reservations, newest first. Needs DIDS_READ.")
    async def reservations(
        self,
        info: Info,
        first: First = 20,
        after: After = UNSET,
        states: Annotated[
            list[ReservationState] | None,
            strawberry.argument(description="In one of these states, as last written."),
        ] = UNSET,
    ) -> Connection[Reservation]:
        """A page."""
        chosen = given(states)
        page = await reservations.page(info.context, chosen, first=first, after=given(after))
        return connection(page, Reservation.of, lambda: reservations.count(info.context, chosen))

    @strawberry.field(description="All customers, by name. For staff.")
    async def customers(
        self,
        info: Info,
        first: First = 20,
        after: After = UNSET,
        search: Annotated[
            str | None, strawberry.argument(description="Text in the name, the BAN or the e-mail.")
        ] = UNSET,
    ) -> Connection[Customer]:
        """A page."""
        text = given(search)
        page = await customers.page(info.context, search=text, first=first, after=given(after))
        return connection(page, Customer.of, lambda: customers.count(info.context, text))

    @strawberry.field(description="What people have to look at, newest first. For staff.")
    async def incidents(
        self,
        info: Info,
        first: First = 20,
        after: After = UNSET,
        states: Annotated[
            list[IncidentState] | None, strawberry.argument(description="In one of these states.")
        ] = UNSET,
    ) -> Connection[Incident]:
        """A page."""
        chosen = given(states)
        page = await incidents.page(info.context, chosen, first=first, after=given(after))
        return connection(page, Incident.of, lambda: incidents.count(info.context, chosen))

    @strawberry.field(
        description="Who changed what, newest first, 50 unless told. Needs AUDIT_READ."
    )
    async def audit_log(
        self,
        info: Info,
        *,
        first: First = 50,
        after: After = UNSET,
        number: Annotated[
            E164 | None, strawberry.argument(description="About this number.")
        ] = UNSET,
        actions: Annotated[
            list[AuditAction] | None, strawberry.argument(description="Only these actions.")
        ] = UNSET,
        customer_id: Annotated[
            ID | None, strawberry.argument(description="About this customer: for staff.")
        ] = UNSET,
        since: Annotated[
            datetime | None,
            strawberry.argument(name="from", description="At this moment or later."),
        ] = UNSET,
        until: Annotated[
            datetime | None, strawberry.argument(name="to", description="Before this moment.")
        ] = UNSET,
    ) -> Connection[AuditEvent]:
        """A page."""
        where = audit.chosen(
            number=given(number),
            actions=given(actions),
            customer_id=given(customer_id),
            since=given(since),
            until=given(until),
        )
        asked = audit.AuditQuestion(where, first=first, after=given(after), default=50)
        return await audit_pages(info, asked)
