"""Customers: for staff all of them, for everybody else their own."""

from collections.abc import Sequence
from uuid import UUID

from db import customers, tables
from db.customers import Summary
from numbering.actors import Permission
from resolvers.access import readable
from resolvers.batches import present
from resolvers.context import Context
from resolvers.paging import Page, cursor, cut, fingerprint, text_key, uuid_key, window
from resolvers.rejections import bad_input

MAX_SEARCH = 100


async def by_id(ctx: Context, customer_id: UUID) -> tables.Customer | None:
    """One customer; None for an unknown one and for somebody else's."""
    readable(ctx)
    return await ctx.loaders.customers.load(customer_id)


async def owner(ctx: Context, customer_id: UUID) -> tables.Customer:
    """The customer that a row belongs to; who sees the row sees them."""
    return present(await ctx.loaders.customers.load(customer_id))


async def owner_if_any(ctx: Context, customer_id: UUID | None) -> tables.Customer | None:
    """The same for rows that may be the platform's own."""
    return None if customer_id is None else await ctx.loaders.customers.load(customer_id)


async def summary(ctx: Context, customer_id: UUID) -> Summary:
    """Counts over a customer's numbers."""
    return present(await ctx.loaders.summaries.load(customer_id))


async def trunks(ctx: Context, customer_id: UUID) -> Sequence[tables.Trunk]:
    """A customer's trunks, by name."""
    return await ctx.loaders.trunks_of.load(customer_id)


async def addresses(ctx: Context, customer_id: UUID) -> Sequence[tables.E911Address]:
    """A customer's emergency addresses, by label."""
    return await ctx.loaders.addresses_of.load(customer_id)


async def page(
    ctx: Context, *, search: str | None, first: int | None, after: str | None
) -> Page[tables.Customer]:
    """Customers by name, for staff; `search` is text in the name, the BAN or the e-mail."""
    scope = readable(ctx, Permission.STAFF)
    _check(search)
    tag = fingerprint("customers", search)
    asked = window(tag, first=first, after=after, readers=(text_key, uuid_key))
    async with ctx.services.database.read(scope) as conn:
        rows = await customers.page(conn, search=search, after=asked.after, limit=asked.limit + 1)
    return cut(rows, asked, [cursor(tag, row.name, row.id) for row in rows])


async def count(ctx: Context, search: str | None) -> int:
    """How many customers `page` goes through."""
    async with ctx.services.database.read(readable(ctx, Permission.STAFF)) as conn:
        return await customers.count(conn, search=search)


def _check(search: str | None) -> None:
    if search is not None and len(search) > MAX_SEARCH:
        raise bad_input("search", f"at most {MAX_SEARCH} characters.")
