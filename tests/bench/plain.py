"""A peer: a plain Strawberry app as its documentation teaches it, ORM rows and dataloaders.

The same fields as ours, keyset paging, no limits, no tenancy, no masking.
`uvicorn tests.bench.plain:app`, DATABASE_URL and CUSTOMER in the environment.
"""

import os
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlmodel import select
from starlette.applications import Starlette
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader

from db.engine import driver_url
from db.tables import Customer as CustomerRow
from db.tables import Did as DidRow
from db.tables import Trunk as TrunkRow
from numbering.lifecycle import DidStatus

engine = create_async_engine(
    driver_url(os.environ["DATABASE_URL"]),
    pool_size=10,
    connect_args={"server_settings": {"app.scope": "STAFF"}},
)


def by_id(table: type) -> DataLoader[UUID, object]:
    """A loader of rows by their id."""

    async def load(keys: list[UUID]) -> list[object]:
        async with AsyncSession(engine) as session:
            rows = (await session.execute(select(table).where(table.id.in_(keys)))).scalars()
            found = {row.id: row for row in rows}
            return [found[key] for key in keys]

    return DataLoader(load_fn=load)


@strawberry.type
class Customer:
    id: strawberry.ID
    name: str


@strawberry.type
class Trunk:
    id: strawberry.ID
    name: str


@strawberry.type
class Routing:
    trunk_id: strawberry.Private[UUID | None]

    @strawberry.field
    async def trunk(self, info: strawberry.Info) -> Trunk | None:
        if self.trunk_id is None:
            return None
        row = await info.context["trunks"].load(self.trunk_id)
        return Trunk(id=strawberry.ID(str(row.id)), name=row.name)


@strawberry.type
class Did:
    id: strawberry.ID
    number: str
    status: str
    friendly_name: str | None
    voice_enabled: bool
    sms_enabled: bool
    routing: Routing
    customer_id: strawberry.Private[UUID]

    @strawberry.field
    async def customer(self, info: strawberry.Info) -> Customer:
        row = await info.context["customers"].load(self.customer_id)
        return Customer(id=strawberry.ID(str(row.id)), name=row.name)


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class DidConnection:
    nodes: list[Did]
    page_info: PageInfo


@strawberry.type
class Query:
    @strawberry.field
    async def dids(self, first: int = 20) -> DidConnection:
        asked = (
            select(DidRow)
            .where(DidRow.customer_id == UUID(os.environ["CUSTOMER"]))
            .where(DidRow.status != DidStatus.DISCONNECTED)
            .order_by(DidRow.number, DidRow.id)
            .limit(first + 1)
        )
        async with AsyncSession(engine) as session:
            rows = list((await session.execute(asked)).scalars())
        nodes = [published(row) for row in rows[:first]]
        info = PageInfo(has_next_page=len(rows) > first, end_cursor=nodes[-1].number)
        return DidConnection(nodes=nodes, page_info=info)


def published(row: DidRow) -> Did:
    """The row as the type."""
    return Did(
        id=strawberry.ID(str(row.id)),
        number=row.number,
        status=row.status,
        friendly_name=row.friendly_name,
        voice_enabled=row.voice_enabled,
        sms_enabled=row.sms_enabled,
        routing=Routing(trunk_id=row.trunk_id),
        customer_id=row.customer_id,
    )


class App(GraphQL):
    async def get_context(self, *_: object, **__: object) -> dict[str, object]:
        return {"customers": by_id(CustomerRow), "trunks": by_id(TrunkRow)}


app = Starlette()
app.mount("/", App(strawberry.Schema(Query)))
