"""What people have to look at; for staff."""

from collections.abc import Sequence

from db import incidents, tables
from numbering.actors import Permission
from numbering.lifecycle import IncidentState
from resolvers.access import readable
from resolvers.context import Context
from resolvers.paging import Page, cursor, cut, fingerprint, moment_key, uuid_key, window


async def operation(ctx: Context, incident: tables.Incident) -> tables.Operation | None:
    """The operation that needs people."""
    if incident.operation_id is None:
        return None
    return await ctx.loaders.operations.load(incident.operation_id)


async def page(
    ctx: Context,
    states: Sequence[IncidentState] | None,
    *,
    first: int | None,
    after: str | None,
) -> Page[tables.Incident]:
    """Incidents, the latest first."""
    scope = readable(ctx, Permission.STAFF)
    tag = fingerprint("incidents", states)
    asked = window(tag, first=first, after=after, readers=(moment_key, uuid_key))
    async with ctx.services.database.read(scope) as conn:
        rows = await incidents.page(conn, states=states, after=asked.after, limit=asked.limit + 1)
    return cut(rows, asked, [cursor(tag, row.opened_at, row.id) for row in rows])


async def count(ctx: Context, states: Sequence[IncidentState] | None) -> int:
    """How many incidents `page` goes through."""
    async with ctx.services.database.read(readable(ctx, Permission.STAFF)) as conn:
        return await incidents.count(conn, states=states)
