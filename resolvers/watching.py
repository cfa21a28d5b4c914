"""Following something as it changes: what stands first, then every change, until it ends.

What is sent is always the state as it stands, read afresh with its sequence, never a replayed
event: a watcher that was slow or away sees the latest state once, not each that was passed over.
The snapshot is read before the stream is opened behind it, so nothing falls between. Between
events no connection is held.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Protocol, TypeVar
from uuid import UUID

from db import events, incidents, tables
from numbering.actors import Permission
from numbering.lifecycle import (
    RESERVATION_MOVES,
    TERMINAL_OPERATION_STATES,
    IncidentState,
)
from resolvers.access import readable
from resolvers.batches import present
from resolvers.context import Context
from resolvers.rejections import Rejection, bad_input

MAX_OPEN = 100


class Sequenced(Protocol):
    """A row whose every change is numbered."""

    sequence: int


Row = TypeVar("Row", bound=Sequenced)


async def reservation(
    ctx: Context, reservation_id: UUID, after: int | None
) -> AsyncGenerator[tables.Reservation, None]:
    """A reservation until it is DONE, EXPIRED or RELEASED."""
    readable(ctx)

    async def now() -> tables.Reservation | None:
        return await ctx.fresh().loaders.reservations.load(reservation_id)

    def ended(row: tables.Reservation) -> bool:
        return not RESERVATION_MOVES[row.state]

    stream = events.of_reservation(reservation_id)
    async with aclosing(_followed(ctx, stream, now, ended, after)) as rows:
        async for row in rows:
            yield row


async def operation(
    ctx: Context, operation_id: UUID, after: int | None
) -> AsyncGenerator[tables.Operation, None]:
    """An operation until it is SUCCEEDED or FAILED; ATTENTION is not an end."""
    readable(ctx)

    async def now() -> tables.Operation | None:
        return await ctx.fresh().loaders.operations.load(operation_id)

    def ended(row: tables.Operation) -> bool:
        return row.state in TERMINAL_OPERATION_STATES

    stream = events.of_operation(operation_id)
    async with aclosing(_followed(ctx, stream, now, ended, after)) as rows:
        async for row in rows:
            yield row


async def _followed(
    ctx: Context,
    stream: str,
    now: Callable[[], Awaitable[Row | None]],
    ended: Callable[[Row], bool],
    after: int | None,
) -> AsyncGenerator[Row, None]:
    row = await now()
    if row is None:
        raise not_there()
    if after is None or row.sequence > after:
        yield row
    async with aclosing(ctx.services.hub.subscribe(stream, row.sequence)) as changes:
        while not ended(row):
            change = await anext(changes)
            if change.seq > row.sequence:
                row = present(await now())
                yield row


def not_there(argument: str = "id") -> Rejection:
    """There is nothing to follow: the same for an unknown id and for somebody else's."""
    return bad_input(argument, "there is no such thing among yours.")


async def opened_incidents(ctx: Context) -> AsyncGenerator[tables.Incident, None]:
    """The latest 100 incidents that are open, oldest first, then each that is opened."""
    scope = readable(ctx, Permission.STAFF)
    async with ctx.services.database.read(scope) as conn:
        seen = await events.last_number(conn, events.INCIDENTS)
        open_now = await incidents.page(conn, states=[IncidentState.OPEN], limit=MAX_OPEN)
    for row in reversed(open_now):
        yield row
    async with aclosing(ctx.services.hub.subscribe(events.INCIDENTS, seen)) as changes:
        while True:
            change = await anext(changes)
            if change.kind == IncidentState.OPEN:
                about = UUID(change.payload["incidentId"])
                yield present(await ctx.fresh().loaders.incidents.load(about))
