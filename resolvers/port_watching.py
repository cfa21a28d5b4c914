"""Following a port: every event exactly as it was stored, in order, each once (ADR 0043).

What stands comes first, unless the client says what it saw last: then everything after that. The
events come from the table through the hub, so one that was stored while nobody listened is not
lost. The hub reads for everybody, so each event is held against the asker's scope again.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Any
from uuid import UUID

from db import streams, tables
from db.streams import Event
from numbering.actors import Permission, Scope
from numbering.porting import OPEN, VALIDATION_ENDS, PortStatus
from resolvers import porting
from resolvers.access import readable
from resolvers.batches import present
from resolvers.context import Context
from resolvers.watching import not_there
from workflows.port_progress import Progress

_CHECKED = VALIDATION_ENDS | (frozenset(PortStatus) - OPEN)


async def progress(
    ctx: Context, project_id: UUID, after: int | None
) -> AsyncGenerator[Progress, None]:
    """How far the checking is, until it has ended and the latest was told."""
    scope = readable(ctx, Permission.PORT_READ)
    project = await _standing(ctx, project_id)
    known = project.progress_sequence
    if after is None:
        yield await porting.progress(ctx, project)
    else:
        known = min(after, known)
    if project.status in _CHECKED and known >= project.progress_sequence:
        return
    stream = streams.of_port_progress(project_id)
    async with aclosing(ctx.services.hub.subscribe(stream, known)) as events:
        while True:
            event = await anext(events)
            _require_visible(scope, event)
            yield _told(project_id, event)
            if PortStatus(event.kind) in _CHECKED and await _is_latest(ctx, project_id, event):
                return


async def history(
    ctx: Context, project_id: UUID, after: int | None
) -> AsyncGenerator[tables.PortEventRow, None]:
    """What happens, line by line, until the project is over and all was told."""
    scope = readable(ctx, Permission.PORT_READ)
    project = await _standing(ctx, project_id)
    # The latest line is what stands.
    known = max(project.sequence - 1, 0) if after is None else min(after, project.sequence)
    if project.status not in OPEN and known >= project.sequence:
        return
    stream = streams.of_port(project_id)
    async with aclosing(ctx.services.hub.subscribe(stream, known)) as events:
        while True:
            event = await anext(events)
            _require_visible(scope, event)
            now = ctx.fresh()
            yield present(await now.loaders.port_events.load(UUID(event.payload["id"])))
            standing = await _standing(now, project_id)
            if standing.status not in OPEN and event.seq >= standing.sequence:
                return


async def _standing(ctx: Context, project_id: UUID) -> tables.PortProject:
    project = await ctx.fresh().loaders.port_projects.load(project_id)
    if project is None:
        raise not_there("projectId")
    return project


async def _is_latest(ctx: Context, project_id: UUID, event: Event) -> bool:
    return event.seq >= (await _standing(ctx, project_id)).progress_sequence


def _require_visible(scope: Scope, event: Event) -> None:
    if scope.customer_id is not None and event.customer_id != scope.customer_id:
        raise not_there("projectId")


def _told(project_id: UUID, event: Event) -> Progress:
    said: Mapping[str, Any] = event.payload
    return Progress(
        project_id=project_id,
        sequence=event.seq,
        status=PortStatus(said["status"]),
        total_count=said["totalCount"],
        validated_count=said["validatedCount"],
        valid_count=said["validCount"],
        invalid_count=said["invalidCount"],
        rate_per_second=said["ratePerSecond"],
        eta_seconds=said["etaSeconds"],
        updated_at=datetime.fromisoformat(said["updatedAt"]),
        stale=said["stale"],
    )
