"""A number that we hold, and its neighbours."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from db import tables
from db.audit import AuditFilter
from numbering import place
from numbering.telephone import TelephoneNumber
from resolvers import customers, dids, porting
from resolvers.audit import AuditQuestion
from resolvers.ids import NodeKind, encode
from schema.arguments import After, First, given
from schema.audit import AuditEvent, audit_pages
from schema.carrier import CarrierLookup
from schema.connection import Connection
from schema.customers import Customer, E911Address, Trunk
from schema.money import Money
from schema.node import Info, Node, made, of_kind
from schema.number_enums import (
    DidStatus,
    MessagingPortStatus,
    NumberType,
    ReadinessAspect,
    RoutingType,
)
from schema.operations import Operation
from schema.place import Place
from schema.scalars import E164, JSONObject

if TYPE_CHECKING:
    from schema.port_projects import PortProject


@strawberry.type(description="Where calls to a number go.")
class Routing:
    """A did's routing."""

    type: RoutingType = strawberry.field(description="The kind of destination.")
    destination: str | None = strawberry.field(
        description="SIP address or telephone number, for SIP_URI and FORWARD."
    )
    failover_destination: str | None = strawberry.field(
        description="Where calls go when the destination does not answer."
    )
    row: strawberry.Private[tables.Did]

    @strawberry.field(description="The trunk, for TRUNK.")
    async def trunk(self, info: Info) -> Trunk | None:
        """By loader."""
        row = await dids.trunk(info.context, self.row)
        return None if row is None else Trunk.of(row)


@strawberry.type(description="Whether messages can be sent from a number, and for which campaign.")
class Messaging:
    """A did's messaging."""

    campaign_id: str | None = strawberry.field(description="Campaign at The Campaign Registry.")
    brand_id: str | None = strawberry.field(description="Brand at The Campaign Registry.")
    tcr_status: str | None = strawberry.field(
        description="What the registry says of the number, in its words."
    )
    port_status: MessagingPortStatus = strawberry.field(
        description="Whether messaging came along when the number was ported."
    )


@strawberry.type(description="One thing that has to be right before a number is in full service.")
class ReadinessItem:
    """One aspect of readiness."""

    aspect: ReadinessAspect = strawberry.field(description="What it is about.")
    ready: bool = strawberry.field(description="It is right, or it is not wanted.")
    reason: str | None = strawberry.field(description="What is missing, or why it does not apply.")


@of_kind(NodeKind.DID)
@strawberry.type(description="A telephone number that the platform holds for a customer.")
class Did(Node):
    """A did; the columns as they stand, neighbours by loader."""

    row: strawberry.Private[tables.Did]
    number: E164 = strawberry.field(description="The number: `+13035551234`.")
    national_format: str = strawberry.field(description="For people: `(303) 555-1234`.")
    type: NumberType = strawberry.field(description="Local or toll-free.")
    status: DidStatus = strawberry.field(description="Where the number is in its life.")
    friendly_name: str | None = strawberry.field(description="The customer's name for it.")
    voice_enabled: bool = strawberry.field(description="Calls are switched on.")
    sms_enabled: bool = strawberry.field(
        description="SMS is switched on; whether it works says `readiness`."
    )
    mms_enabled: bool = strawberry.field(description="MMS is switched on.")
    fax_enabled: bool = strawberry.field(description="Fax is switched on.")
    cnam: str | None = strawberry.field(
        description="The caller's name shown to others, at most 15 characters; not for toll-free."
    )
    ported_from: str | None = strawberry.field(
        description="The carrier that the number came from, if it was ported in."
    )
    ported_at: datetime | None = strawberry.field(description="When it was ported in.")
    acquired_at: datetime = strawberry.field(description="When it became the customer's.")
    released_at: datetime | None = strawberry.field(description="When it was given back.")
    release_reason: str | None = strawberry.field(description="Why it was given back.")
    custom_fields: JSONObject = strawberry.field(description="The customer's own notes: flat JSON.")
    in_sync: bool = strawberry.field(
        description="The carrier has been told the latest configuration."
    )

    @classmethod
    def of(cls, row: tables.Did) -> "Did":
        """Of a row."""
        return cls(
            id=strawberry.ID(encode(NodeKind.DID, row.id)),
            row=row,
            number=E164(row.number),
            national_format=TelephoneNumber(row.number).national_format,
            type=row.number_type,
            status=row.status,
            friendly_name=row.friendly_name,
            voice_enabled=row.voice_enabled,
            sms_enabled=row.sms_enabled,
            mms_enabled=row.mms_enabled,
            fax_enabled=row.fax_enabled,
            cnam=row.cnam,
            ported_from=row.ported_from,
            ported_at=row.ported_at,
            acquired_at=row.acquired_at,
            released_at=row.released_at,
            release_reason=row.release_reason,
            # A field that was cleared is a null here until the carrier has heard of it (ADR 0013).
            custom_fields=JSONObject({k: v for k, v in row.custom_fields.items() if v is not None}),
            in_sync=row.meta_version == row.pushed_version,
        )

    @strawberry.field(description="Where the number is at home.")
    def place(self) -> Place:
        """Of the same row."""
        return Place.of(
            place.Place(
                npa=self.row.npa,
                nxx=self.row.nxx,
                locality=self.row.locality,
                state=self.row.state,
                lata=self.row.lata,
                rate_center=self.row.rate_center,
                time_zone=self.row.time_zone,
            )
        )

    @strawberry.field(description="Where calls to it go.")
    def routing(self) -> Routing:
        """Of the same row."""
        return Routing(
            type=self.row.routing_type,
            destination=self.row.routing_destination,
            failover_destination=self.row.failover_destination,
            row=self.row,
        )

    @strawberry.field(description="Whether messages can be sent from it.")
    def messaging(self) -> Messaging:
        """Of the same row."""
        return Messaging(
            campaign_id=self.row.campaign_id,
            brand_id=self.row.brand_id,
            tcr_status=self.row.tcr_status,
            port_status=self.row.messaging_port_status,
        )

    @strawberry.field(
        description="What it costs a month. Null unless your role may see prices (PRICES_READ)."
    )
    def monthly_cost(self, info: Info) -> Money | None:
        """For those who may see it."""
        return Money.shown(info, self.row.monthly_cost, self.row.currency)

    @strawberry.field(
        description="What it cost once. Null unless your role may see prices (PRICES_READ)."
    )
    def setup_fee(self, info: Info) -> Money | None:
        """For those who may see it."""
        return Money.shown(info, self.row.setup_fee, self.row.currency)

    @strawberry.field(description="Whose number it is.")
    async def customer(self, info: Info) -> Customer:
        """By loader."""
        return Customer.of(await customers.owner(info.context, self.row.customer_id))

    @strawberry.field(description="The port project that it came with, if it was ported in.")
    async def port_project(
        self, info: Info
    ) -> Annotated["PortProject", strawberry.lazy("schema.port_projects")] | None:
        """By loader."""
        row = await porting.of_did(info.context, self.row)
        return None if row is None else made(NodeKind.PORT_PROJECT, row)

    @strawberry.field(description="Where emergency services go when somebody calls 911 from it.")
    async def e911_address(self, info: Info) -> E911Address | None:
        """By loader."""
        row = await dids.e911_address(info.context, self.row)
        return None if row is None else E911Address.of(row)

    @strawberry.field(
        description=(
            "The carrier's live record. A page of 100 numbers costs one request at the carrier; "
            "when there is no record, `unavailable` says why. Never an error."
        )
    )
    async def carrier(self, info: Info) -> CarrierLookup:
        """By loader."""
        return CarrierLookup.of(await dids.carrier(info.context, self.row))

    @strawberry.field(
        description="What is under way for this number: at most one thing, else null."
    )
    async def pending_operation(self, info: Info) -> Operation | None:
        """By loader."""
        row = await dids.pending_operation(info.context, self.row)
        return None if row is None else Operation.of(row)

    @strawberry.field(description="What is right and what is missing, for each aspect.")
    async def readiness(self, info: Info) -> list[ReadinessItem]:
        """By numbering's rules."""
        return [
            ReadinessItem(aspect=item.aspect, ready=item.ready, reason=item.reason)
            for item in await dids.readiness(info.context, self.row)
        ]

    @strawberry.field(
        description=(
            "What was done with this number while it is this customer's, newest first. Null, with "
            "a FORBIDDEN error, unless your role may read the audit log (AUDIT_READ)."
        )
    )
    async def timeline(
        self, info: Info, first: First = 20, after: After = strawberry.UNSET
    ) -> Connection[AuditEvent] | None:
        """A page of the audit log."""
        asked = AuditQuestion(
            where=AuditFilter(number=self.row.number, customer_id=self.row.customer_id),
            first=first,
            after=given(after),
        )
        return await audit_pages(info, asked)
