"""The carrier's live record of a number, and its totals."""

from datetime import datetime

import strawberry

from resolvers import access
from resolvers.carrier import Lookup
from schema.node import Info
from schema.number_enums import CarrierStatus, CarrierUnavailable
from schema.place import Place
from schema.scalars import E164, JSONObject
from teliport.wire import CarrierRecord
from workflows.summary import CarrierInventory as Totals


@strawberry.type(description="A number as the carrier has it.")
class CarrierNumber:
    """A live record."""

    record: strawberry.Private[CarrierRecord]
    number: E164 = strawberry.field(description="The number.")
    status: CarrierStatus = strawberry.field(description="The carrier's status of it.")
    place: Place = strawberry.field(description="Where it is at home, by the carrier.")
    spid: str | None = strawberry.field(description="Service provider, four characters: `567G`.")
    ocn: str | None = strawberry.field(description="Operating company, four characters.")
    lrn: str | None = strawberry.field(description="Location routing number, if it was ported.")
    ported_in: bool = strawberry.field(description="It came from another carrier.")
    updated_at: datetime | None = strawberry.field(description="When the carrier changed it last.")

    @strawberry.field(
        name="metadata",
        description="What the carrier keeps with the number. Only staff see it; `{}` for others.",
    )
    def shown_metadata(self, info: Info) -> JSONObject:
        """For staff."""
        return JSONObject(dict(self.record.metadata) if access.sees_raw(info.context) else {})

    @classmethod
    def of(cls, record: CarrierRecord) -> "CarrierNumber":
        """Of a record."""
        return cls(
            record=record,
            number=E164(record.number),
            status=record.status,
            place=Place.of(record.place),
            spid=record.spid,
            ocn=record.ocn,
            lrn=record.lrn,
            ported_in=record.ported_in,
            updated_at=record.updated_at,
        )


@strawberry.type(description="What the carrier says of a number right now, or why nothing.")
class CarrierLookup:
    """A lookup; it never fails."""

    record: CarrierNumber | None = strawberry.field(
        description="The record, only while the carrier says that the number is this did's."
    )
    as_of: datetime | None = strawberry.field(description="When the carrier was asked.")
    unavailable: CarrierUnavailable | None = strawberry.field(
        description="Why there is no record; null when there is one."
    )

    @classmethod
    def of(cls, found: Lookup) -> "CarrierLookup":
        """Of a lookup."""
        return cls(
            record=None if found.record is None else CarrierNumber.of(found.record),
            as_of=found.as_of,
            unavailable=found.unavailable,
        )


@strawberry.type(description="How many numbers the carrier has for us, by status.")
class CarrierInventory:
    """The carrier's totals."""

    spid: str = strawberry.field(description="Our service provider id, four characters.")
    total: int = strawberry.field(description="All numbers.")
    available: int = strawberry.field(description="Free to be held.")
    reserved: int = strawberry.field(description="Held by somebody.")
    in_use: int = strawberry.field(description="Assigned to somebody.")
    ported_in: int = strawberry.field(description="Came from another carrier.")
    ported_out: int = strawberry.field(description="Went to another carrier.")
    quarantine: int = strawberry.field(description="Given back and resting.")
    blocks: int = strawberry.field(description="Blocks of numbers.")
    as_of: datetime = strawberry.field(description="When the carrier counted; at most 30 s ago.")

    @classmethod
    def of(cls, totals: Totals) -> "CarrierInventory":
        """Of the carrier's summary."""
        return cls(
            spid=totals.spid,
            total=totals.total,
            available=totals.available,
            reserved=totals.reserved,
            in_use=totals.in_use,
            ported_in=totals.ported_in,
            ported_out=totals.ported_out,
            quarantine=totals.quarantine,
            blocks=totals.blocks,
            as_of=totals.as_of,
        )
