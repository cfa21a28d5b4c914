"""Which dids a list shows, and in which order."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from db.dids import DidFilter
from resolvers import dids
from resolvers.dids import DidQuestion
from resolvers.ids import NodeKind, asked_for
from schema.arguments import given
from schema.connection import Connection, connection
from schema.node import Info, made
from schema.number_enums import DidOrder, DidStatus, NumberType
from schema.scalars import E164


@strawberry.input(description="Which dids; everything that is given must hold.")
class DidWhere:
    """The filters of a list of dids."""

    statuses: list[DidStatus] | None = strawberry.field(
        default=strawberry.UNSET,
        description="In one of these states; without it in any, DISCONNECTED included.",
    )
    type: NumberType | None = strawberry.field(
        default=strawberry.UNSET, description="Local or toll-free."
    )
    number_starts_with: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The first digits, with or without +1: `303` or `+1303555`.",
    )
    number_ends_with: str | None = strawberry.field(
        default=strawberry.UNSET, description="The last digits: `4711`."
    )
    contains: str | None = strawberry.field(
        default=strawberry.UNSET, description="Digits anywhere in the number: `555`."
    )
    customer_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Of this customer: for staff, who see all. Others see only their own.",
    )
    trunk_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Routed to this trunk."
    )
    ported: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Ported in, or not."
    )
    sms_enabled: bool | None = strawberry.field(
        default=strawberry.UNSET, description="SMS switched on, or off."
    )
    in_sync: bool | None = strawberry.field(
        default=strawberry.UNSET, description="The carrier knows the latest configuration, or not."
    )
    acquired_after: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Acquired after this moment."
    )
    acquired_before: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Acquired before this moment."
    )
    friendly_name: str | None = strawberry.field(
        default=strawberry.UNSET, description="Text anywhere in the friendly name, in any case."
    )


@strawberry.input(one_of=True, description="One did, by exactly one of these.")
class DidBy:
    """The two keys of a did."""

    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="By its id, whatever its state."
    )
    number: E164 | None = strawberry.field(
        default=strawberry.UNSET,
        description="By its number: the live did, else the one that was given back last.",
    )


Where = Annotated[
    DidWhere | None, strawberry.argument(description="Which ones; all that is given must hold.")
]
Order = Annotated[DidOrder | None, strawberry.argument(description="In which order.")]


def did_filter(where: DidWhere | None) -> DidFilter:
    """As the database knows it; raises BAD_USER_INPUT for ids that are none."""
    if where is None:
        return DidFilter()
    statuses = given(where.statuses)
    return DidFilter(
        statuses=None if statuses is None else tuple(statuses),
        number_type=given(where.type),
        number_starts_with=given(where.number_starts_with),
        number_ends_with=given(where.number_ends_with),
        contains=given(where.contains),
        customer_id=_id(where.customer_id, NodeKind.CUSTOMER, "where.customerId"),
        trunk_id=_id(where.trunk_id, NodeKind.TRUNK, "where.trunkId"),
        ported=given(where.ported),
        sms_enabled=given(where.sms_enabled),
        in_sync=given(where.in_sync),
        acquired_after=given(where.acquired_after),
        acquired_before=given(where.acquired_before),
        friendly_name=given(where.friendly_name),
    )


def _id(text: strawberry.ID | None, kind: NodeKind, argument: str) -> UUID | None:
    named = given(text)
    return None if named is None else asked_for(named, kind, argument)


async def did_pages(info: Info, asked: DidQuestion) -> Connection[Any]:
    """A page of dids as the public list."""
    page = await dids.page(info.context, asked)
    return connection(
        page,
        lambda row: made(NodeKind.DID, row),
        lambda: dids.count(info.context, asked.where),
    )
