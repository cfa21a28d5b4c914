"""The one who asks."""

from collections.abc import Sequence
from uuid import UUID

from db import customers, tables
from numbering.actors import Scope
from resolvers.context import Context


async def active_customer(ctx: Context) -> tables.Customer | None:
    """The customer they act for right now; None for staff and for whoever named none of several."""
    if ctx.actor.customer_id is None:
        return None
    return await ctx.loaders.customers.load(ctx.actor.customer_id)


async def own_customers(ctx: Context) -> Sequence[tables.Customer]:
    """The customers they may act for, by name. Staff may act for all and have no list."""
    rows = [await _own(ctx, each) for each in ctx.actor.customer_ids]
    return sorted((row for row in rows if row is not None), key=lambda row: row.name)


async def _own(ctx: Context, customer_id: UUID) -> tables.Customer | None:
    # One scope is one customer: this is the only place that looks at several.
    async with ctx.services.database.read(Scope.customer(customer_id)) as conn:
        return (await customers.by_ids(conn, [customer_id])).get(customer_id)
