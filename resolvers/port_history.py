"""What happened in port projects, and what people wrote about them."""

from uuid import UUID

from db import port_history, tables
from numbering.actors import STAFF_NAME, Permission
from resolvers.access import readable
from resolvers.context import Context
from resolvers.paging import (
    Page,
    count_key,
    cursor,
    cut,
    fingerprint,
    moment_key,
    uuid_key,
    window,
)


async def events(
    ctx: Context, project_id: UUID, *, first: int | None, after: str | None
) -> Page[tables.PortEventRow]:
    """A project's history, the newest first."""
    scope = readable(ctx, Permission.PORT_READ)
    tag = fingerprint("port-events", project_id)
    asked = window(tag, first=first, after=after, readers=(count_key, uuid_key))
    async with ctx.services.database.read(scope) as conn:
        rows = await port_history.events_page(
            conn, project_id, after=asked.after, limit=asked.limit + 1
        )
    return cut(rows, asked, [cursor(tag, row.seq, row.id) for row in rows])


async def count_events(ctx: Context, project_id: UUID) -> int:
    """How many lines the history has."""
    async with ctx.services.database.read(readable(ctx, Permission.PORT_READ)) as conn:
        return await port_history.events_count(conn, project_id)


async def comments(
    ctx: Context, project_id: UUID, *, first: int | None, after: str | None
) -> Page[tables.PortComment]:
    """What people wrote, the newest first."""
    scope = readable(ctx, Permission.PORT_READ)
    tag = fingerprint("port-comments", project_id)
    asked = window(tag, first=first, after=after, readers=(moment_key, uuid_key))
    async with ctx.services.database.read(scope) as conn:
        rows = await port_history.comments_page(
            conn, project_id, after=asked.after, limit=asked.limit + 1
        )
    return cut(rows, asked, [cursor(tag, row.at, row.id) for row in rows])


async def count_comments(ctx: Context, project_id: UUID) -> int:
    """How many comments there are."""
    async with ctx.services.database.read(readable(ctx, Permission.PORT_READ)) as conn:
        return await port_history.comments_count(conn, project_id)


def actor_shown(ctx: Context, event: tables.PortEventRow) -> str:
    """Who did it; customers do not learn which of the platform's people it was."""
    return STAFF_NAME if event.actor_is_staff and not ctx.actor.is_staff else event.actor


def author_shown(ctx: Context, comment: tables.PortComment) -> str:
    """Who wrote it; customers do not learn which of the platform's people it was."""
    return STAFF_NAME if comment.author_is_staff and not ctx.actor.is_staff else comment.author
