"""Customers and what belongs to them besides numbers."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import strawberry

from db import tables
from resolvers import customers, notices, porting
from resolvers.dids import DidQuestion
from resolvers.ids import NodeKind, encode
from schema.arguments import After, First, given
from schema.connection import Connection, connection
from schema.did_filters import Order, Where, did_filter, did_pages
from schema.money import Money
from schema.node import Info, Node, made, of_kind
from schema.notice_preferences import NoticePreference
from schema.number_enums import DidOrder
from schema.port_enums import PortStatus

if TYPE_CHECKING:
    from schema.dids import Did
    from schema.port_projects import PortProject


@strawberry.type(description="Counts over a customer's numbers, right now.")
class NumberSummary:
    """The portal's first page."""

    total: int = strawberry.field(description="Numbers that are not disconnected.")
    active: int = strawberry.field(description="In service.")
    porting: int = strawberry.field(description="Being ported in.")
    releasing: int = strawberry.field(description="Being given back.")
    sms_enabled: int = strawberry.field(description="With SMS switched on.")
    unrouted: int = strawberry.field(description="In service, but calls go nowhere.")
    held: int = strawberry.field(description="On hold in open reservations.")
    monthly_total: Money | None = strawberry.field(
        description="What these numbers cost a month. Null unless your role may see prices."
    )


@of_kind(NodeKind.TRUNK)
@strawberry.type(description="A SIP trunk: where a customer's calls can be sent.")
class Trunk(Node):
    """A customer's trunk."""

    owner: strawberry.Private[tables.Trunk]
    name: str = strawberry.field(description="The name that the customer gave it.")

    @strawberry.field(description="Whose trunk it is.")
    async def customer(self, info: Info) -> "Customer":
        """By loader."""
        return Customer.of(await customers.owner(info.context, self.owner.customer_id))

    @classmethod
    def of(cls, row: tables.Trunk) -> "Trunk":
        """Of a row."""
        return cls(id=strawberry.ID(encode(NodeKind.TRUNK, row.id)), owner=row, name=row.name)


@of_kind(NodeKind.E911_ADDRESS)
@strawberry.type(description="Where emergency services go when somebody calls 911.")
class E911Address(Node):
    """A customer's dispatchable address."""

    label: str = strawberry.field(description="The name that the customer gave it.")
    line: str = strawberry.field(description="House number and street.")
    city: str = strawberry.field(description="City.")
    state: str = strawberry.field(description="State, two letters.")
    postal_code: str = strawberry.field(description="ZIP code.")
    validated: bool = strawberry.field(
        description="The address was found; only then can a number use it."
    )

    @classmethod
    def of(cls, row: tables.E911Address) -> "E911Address":
        """Of a row."""
        return cls(
            id=strawberry.ID(encode(NodeKind.E911_ADDRESS, row.id)),
            label=row.label,
            line=row.line,
            city=row.city,
            state=row.state,
            postal_code=row.postal_code,
            validated=row.validated,
        )


@of_kind(NodeKind.CUSTOMER)
@strawberry.type(description="A customer of the platform: whoever numbers are billed to.")
class Customer(Node):
    """A customer."""

    row: strawberry.Private[tables.Customer]
    name: str = strawberry.field(description="Company name.")
    ban: str = strawberry.field(description="Billing account number, for example `TB-071161708`.")
    email: str | None = strawberry.field(description="Where notices go.")

    @classmethod
    def of(cls, row: tables.Customer) -> "Customer":
        """Of a row."""
        return cls(
            id=strawberry.ID(encode(NodeKind.CUSTOMER, row.id)),
            row=row,
            name=row.name,
            ban=row.ban,
            email=row.email,
        )

    @strawberry.field(description="Counts over the customer's numbers.")
    async def summary(self, info: Info) -> NumberSummary:
        """By loader."""
        counts = await customers.summary(info.context, self.row.id)
        return NumberSummary(
            total=counts.total,
            active=counts.active,
            porting=counts.porting,
            releasing=counts.releasing,
            sms_enabled=counts.sms_enabled,
            unrouted=counts.unrouted,
            held=counts.held,
            monthly_total=Money.shown(info, counts.monthly_total, counts.currency),
        )

    @strawberry.field(description="The customer's SIP trunks, by name.")
    async def trunks(self, info: Info) -> list[Trunk]:
        """By loader."""
        return [Trunk.of(row) for row in await customers.trunks(info.context, self.row.id)]

    @strawberry.field(description="The customer's emergency addresses, by label.")
    async def e911_addresses(self, info: Info) -> list[E911Address]:
        """By loader."""
        rows = await customers.addresses(info.context, self.row.id)
        return [E911Address.of(row) for row in rows]

    @strawberry.field(description="The customer's numbers; `where.customerId` does not count here.")
    async def dids(
        self,
        info: Info,
        first: First = 20,
        after: After = strawberry.UNSET,
        where: Where = strawberry.UNSET,
        order_by: Order = DidOrder.NUMBER_ASC,
    ) -> Connection[Annotated["Did", strawberry.lazy("schema.dids")]]:
        """A page of them."""
        asked = DidQuestion(
            where=replace(did_filter(given(where)), customer_id=self.row.id),
            order=order_by or DidOrder.NUMBER_ASC,
            first=first,
            after=given(after),
        )
        return await did_pages(info, asked)

    @strawberry.field(description="The customer's port projects, the newest first.")
    async def port_projects(
        self,
        info: Info,
        first: First = 20,
        after: After = strawberry.UNSET,
        statuses: Annotated[
            list[PortStatus] | None, strawberry.argument(description="In one of these states.")
        ] = strawberry.UNSET,
    ) -> Connection[Annotated["PortProject", strawberry.lazy("schema.port_projects")]]:
        """A page of them."""
        asked = porting.of_customer(self.row.id, given(statuses), first, given(after))
        page = await porting.page(info.context, asked)
        return connection(
            page,
            lambda row: made(NodeKind.PORT_PROJECT, row),
            lambda: porting.count(info.context, asked),
        )

    @strawberry.field(description="Whether and to whom each kind of notice goes by e-mail.")
    async def notice_preferences(self, info: Info) -> list[NoticePreference]:
        """By loader."""
        chosen = await notices.preferences(info.context, self.row.id)
        return [NoticePreference.of(each) for each in chosen]
