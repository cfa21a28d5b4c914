"""The queries: a table of contents."""

from typing import Annotated, Any

import strawberry
from strawberry import ID, UNSET

from resolvers import budget, customers, dids, inventory, nodes, operations, reservations
from resolvers.dids import DidQuestion
from resolvers.ids import NodeKind, asked_for
from resolvers.rejections import Rejection
from schema.arguments import After, Before, First, Id, Last, given
from schema.carrier import CarrierInventory
from schema.connection import Connection
from schema.customers import Customer
from schema.did_filters import DidBy, Order, Where, did_filter, did_pages
from schema.dids import Did
from schema.inventory import AvailableNumberConnection, QueryValidation, SearchInput
from schema.logs import LogQuery
from schema.node import Info, Node, made
from schema.number_enums import DidOrder
from schema.operations import Operation, UpstreamBudget
from schema.port_queries import PortQuery
from schema.reservations import Reservation
from schema.viewer import Viewer


@strawberry.type(
    description=(
        "Reading. Everybody sees their own customer's things, staff see all. An id of another "
        "customer is answered like an unknown one: null."
    )
)
class Query(LogQuery, PortQuery):
    """All queries."""

    @strawberry.field(description="Any object by its id; null when there is no such object.")
    async def node(self, info: Info, id_: Id) -> Node | None:
        """By loader."""
        found = await nodes.by_id(info.context, id_)
        return None if found is None else made(found.kind, found.row)

    @strawberry.field(
        description="Up to 100 objects in the order of their ids, null where there is none."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[ID], strawberry.argument(description="1 to 100 ids.")],
    ) -> list[Node | None]:
        """By loader; a malformed id is an error in its own place."""
        found = await nodes.by_ids(info.context, ids)
        return [_shown(each) for each in found]

    @strawberry.field(description="Who is asking.")
    def viewer(self, info: Info) -> Viewer:
        """Of the token."""
        return Viewer.of(info)

    @strawberry.field(description="One number that is or was held. Needs DIDS_READ.")
    async def did(
        self, info: Info, by: Annotated[DidBy, strawberry.argument(description="Which one.")]
    ) -> Did | None:
        """By id or number."""
        row = await dids.by(info.context, given(by.id), given(by.number))
        return None if row is None else Did.of(row)

    @strawberry.field(
        description=(
            "The numbers held, by number unless told. Needs DIDS_READ. `last` and `before` read "
            "backwards."
        )
    )
    async def dids(
        self,
        info: Info,
        *,
        first: First = 20,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        where: Where = UNSET,
        order_by: Order = DidOrder.NUMBER_ASC,
    ) -> Connection[Did]:
        """A page."""
        asked = DidQuestion(
            where=did_filter(given(where)),
            order=order_by or DidOrder.NUMBER_ASC,
            first=first,
            after=given(after),
            last=given(last),
            before=given(before),
        )
        return await did_pages(info, asked)

    @strawberry.field(
        description=(
            "Free numbers of the carrier, 50 unless told. Needs SEARCH. Numbers that somebody "
            "holds here are left out. Equal searches within 30 seconds cost one request at the "
            "carrier; when those are used up, the error RATE_LIMITED says when to come back."
        )
    )
    async def search_inventory(
        self, info: Info, asked: SearchInput, first: First = 50, after: After = UNSET
    ) -> AvailableNumberConnection:
        """Of the carrier."""
        search = await inventory.find(
            info.context, asked.criteria(), first=first, after=given(after)
        )
        return AvailableNumberConnection.of(search)

    @strawberry.field(
        description="The carrier's totals; null while it cannot be asked. Needs SEARCH."
    )
    async def carrier_inventory(self, info: Info) -> CarrierInventory | None:
        """Of the carrier."""
        totals = await inventory.totals(info.context)
        return None if totals is None else CarrierInventory.of(totals)

    @strawberry.field(
        description="What the carrier thinks of a query in its own language. For staff."
    )
    async def validate_inventory_query(
        self,
        info: Info,
        query: Annotated[
            str, strawberry.argument(description='For example `npa = "303" and ported = in`.')
        ],
    ) -> QueryValidation | None:
        """Of the carrier."""
        return QueryValidation.of(await inventory.verdict(info.context, query))

    @strawberry.field(description="One reservation. Needs DIDS_READ.")
    async def reservation(self, info: Info, id_: Id) -> Reservation | None:
        """By loader."""
        value = asked_for(id_, NodeKind.RESERVATION, "id")
        row = await reservations.by_id(info.context, value)
        return None if row is None else Reservation.of(row)

    @strawberry.field(description="One customer: for staff any, for others their own.")
    async def customer(self, info: Info, id_: Id) -> Customer | None:
        """By loader."""
        row = await customers.by_id(info.context, asked_for(id_, NodeKind.CUSTOMER, "id"))
        return None if row is None else Customer.of(row)

    @strawberry.field(description="One operation. Needs DIDS_READ.")
    async def operation(self, info: Info, id_: Id) -> Operation | None:
        """By loader."""
        row = await operations.by_id(info.context, asked_for(id_, NodeKind.OPERATION, "id"))
        return None if row is None else Operation.of(row)

    @strawberry.field(description="How much of the carrier's requests is used. For staff.")
    async def upstream_budget(self, info: Info) -> UpstreamBudget:
        """Of the slots."""
        return UpstreamBudget.of(await budget.usage(info.context))


def _shown(found: nodes.Found | Rejection | None) -> Any:
    """An object; or an exception, which is graphql-core's way to fail one place of a list."""
    return made(found.kind, found.row) if isinstance(found, nodes.Found) else found
