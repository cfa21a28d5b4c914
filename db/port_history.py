"""What happened to port projects, what people wrote about them, and how far their checks are.

The history is kept for people (`voice.port_events`), and each of its lines is an event too, which
wakes those who watch. Progress is an event only. Lock the project first: its row holds the last
numbers of both streams.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import events, keyset
from db.ids import new_id
from db.rows import Key, by_key, keyed, rows_as, table_of, values_of
from db.tables import PortComment, PortEventRow, PortProject
from db.tenancy import Reader
from numbering.porting import PortStatus

_E = table_of(PortEventRow).c
_M = table_of(PortComment).c
_P = table_of(PortProject).c
_EVENTS_BY_ID = keyed(PortEventRow)
_COMMENTS_BY_ID = keyed(PortComment)


async def tell(
    session: AsyncSession,
    project: PortProject,
    *,
    actor: str,
    actor_is_staff: bool,
    summary: str,
    status: PortStatus | None = None,
    number: str | None = None,
    carrier_code: str | None = None,
) -> PortEventRow:
    """Write the next line of a project's history; the kind of its event is the status then."""
    row_id = new_id()
    seq = await events.append(
        session,
        events.of_port(project.id),
        (status or project.status).value,
        {"id": str(row_id)},
        project.customer_id,
    )
    row = PortEventRow(
        id=row_id,
        seq=seq,
        project_id=project.id,
        customer_id=project.customer_id,
        actor=actor,
        actor_is_staff=actor_is_staff,
        status=status,
        summary=summary,
        number=number,
        carrier_code=carrier_code,
    )
    statement = pg_insert(table_of(PortEventRow)).values(values_of(row)).returning(*_E)
    told = rows_as(PortEventRow, await session.execute(statement))[0]
    await session.execute(
        update(table_of(PortProject)).where(_P.id == project.id).values(sequence=seq)
    )
    return told


async def progress(
    session: AsyncSession, project: PortProject, payload: Mapping[str, Any]
) -> PortProject:
    """Tell how far a project is; `sequence` is added to the payload, the kind is its status."""
    seq = await events.append(
        session,
        events.of_port_progress(project.id),
        project.status.value,
        payload,
        project.customer_id,
        numbered=True,
    )
    statement = (
        update(table_of(PortProject))
        .where(_P.id == project.id)
        .values(progress_sequence=seq)
        .returning(*_P)
    )
    return rows_as(PortProject, await session.execute(statement))[0]


async def events_by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, PortEventRow]:
    """Lines of histories by id."""
    return await by_key(reader, PortEventRow, _EVENTS_BY_ID, ids)


async def events_page(
    reader: Reader, project_id: UUID, *, after: Key | None = None, limit: int = 20
) -> Sequence[PortEventRow]:
    """A project's history, the newest first; the key of a row is (seq, id)."""
    statement = keyset.window(
        select(*_E).where(_E.project_id == project_id),
        (_E.seq, _E.id),
        after=after,
        limit=limit,
        descending=True,
    )
    return rows_as(PortEventRow, await reader.execute(statement))


async def events_count(reader: Reader, project_id: UUID) -> int:
    """How many lines a project's history has."""
    statement = select(func.count()).where(_E.project_id == project_id)
    return int((await reader.execute(statement)).scalar_one())


async def by_seq(
    reader: Reader, project_id: UUID, after: int, limit: int = 500
) -> Sequence[PortEventRow]:
    """The lines after a number, in order."""
    statement = select(*_E).where(_E.project_id == project_id, _E.seq > after)
    found = await reader.execute(statement.order_by(_E.seq).limit(limit))
    return rows_as(PortEventRow, found)


async def comment(
    session: AsyncSession, project: PortProject, *, author: str, author_is_staff: bool, text: str
) -> PortComment:
    """Keep what somebody wrote."""
    row = PortComment(
        project_id=project.id,
        customer_id=project.customer_id,
        author=author,
        author_is_staff=author_is_staff,
        text=text,
    )
    statement = pg_insert(table_of(PortComment)).values(values_of(row)).returning(*_M)
    return rows_as(PortComment, await session.execute(statement))[0]


async def comments_by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, PortComment]:
    """Comments by id."""
    return await by_key(reader, PortComment, _COMMENTS_BY_ID, ids)


async def comments_page(
    reader: Reader, project_id: UUID, *, after: Key | None = None, limit: int = 20
) -> Sequence[PortComment]:
    """A project's comments, the newest first; the key of a row is (at, id)."""
    statement = keyset.window(
        select(*_M).where(_M.project_id == project_id),
        (_M.at, _M.id),
        after=after,
        limit=limit,
        descending=True,
    )
    return rows_as(PortComment, await reader.execute(statement))


async def comments_count(reader: Reader, project_id: UUID) -> int:
    """How many comments a project has."""
    statement = select(func.count()).where(_M.project_id == project_id)
    return int((await reader.execute(statement)).scalar_one())
