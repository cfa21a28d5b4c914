"""Incidents: operations that people have to look at (decisions 18)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import events, keyset, tenancy
from db.rows import Key, by_key, constants, keyed, row_as, rows_as, table_of, values_of
from db.tables import Incident
from db.tenancy import Reader
from numbering.lifecycle import IncidentState

_C = table_of(Incident).c
_BY_ID = keyed(Incident)
_UNRESOLVED = _C.state.not_in(constants([IncidentState.RESOLVED]))


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, Incident]:
    """Incidents by id."""
    return await by_key(reader, Incident, _BY_ID, ids)


def _matching(
    reader: Reader, statement: Select[Any], states: Collection[IncidentState] | None
) -> Select[Any]:
    statement = tenancy.narrow(reader, statement, _C.customer_id)
    return statement if states is None else statement.where(_C.state.in_(sorted(states)))


async def page(
    reader: Reader,
    *,
    states: Collection[IncidentState] | None = None,
    after: Key | None = None,
    limit: int = 20,
) -> Sequence[Incident]:
    """Incidents, the newest first; the key of a row is (opened_at, id)."""
    statement = keyset.window(
        _matching(reader, select(*_C), states),
        (_C.opened_at, _C.id),
        after=after,
        limit=limit,
        descending=True,
    )
    return rows_as(Incident, await reader.execute(statement))


async def count(reader: Reader, *, states: Collection[IncidentState] | None = None) -> int:
    """How many incidents `page` has."""
    every = select(func.count()).select_from(table_of(Incident))
    return int((await reader.execute(_matching(reader, every, states))).scalar_one())


async def open_one(session: AsyncSession, incident: Incident) -> Incident:
    """Open an incident; if its operation has an unresolved one, that one is opened again."""
    statement = pg_insert(table_of(Incident)).values(values_of(incident))
    again = statement.on_conflict_do_update(
        index_elements=[_C.operation_id],
        index_where=_UNRESOLVED,
        set_={
            "state": IncidentState.OPEN,
            "summary": statement.excluded.summary,
            "last_error": statement.excluded.last_error,
        },
    )
    opened = rows_as(Incident, await session.execute(again.returning(*_C)))[0]
    await _announce(session, opened)
    return opened


async def open_once(
    session: AsyncSession, summary: str, last_error: str | None = None
) -> Incident | None:
    """Open an incident of the platform itself; None while there is one with this summary."""
    # Constraint-free, because it belongs to no operation: those who find it missing take turns.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(summary))))
    known = select(_C.id).where(_C.operation_id.is_(None), _C.summary == summary, _UNRESOLVED)
    if (await session.execute(known.limit(1))).one_or_none() is not None:
        return None
    return await open_one(session, Incident(summary=summary, last_error=last_error))


async def retrying(session: AsyncSession, incident_id: UUID) -> Incident | None:
    """OPEN → RETRYING; None when it is in another state."""
    return await _move(
        session,
        (_C.id == incident_id, _C.state == IncidentState.OPEN),
        state=IncidentState.RETRYING,
    )


async def resolve(
    session: AsyncSession, incident_id: UUID, *, by: str, resolution: str
) -> Incident | None:
    """Close an incident; None when it is closed already."""
    return await _resolve(session, _C.id == incident_id, by, resolution)


async def resolve_for(
    session: AsyncSession, operation_id: UUID, *, by: str, resolution: str
) -> Incident | None:
    """Close the unresolved incident of an operation, if it has one: the operation came through."""
    return await _resolve(session, _C.operation_id == operation_id, by, resolution)


async def _resolve(
    session: AsyncSession, which: ColumnElement[bool], by: str, resolution: str
) -> Incident | None:
    return await _move(
        session,
        (which, _UNRESOLVED),
        state=IncidentState.RESOLVED,
        resolved_by=by,
        resolution=resolution,
        resolved_at=func.ops.now(),
    )


async def _move(
    session: AsyncSession, where: tuple[ColumnElement[bool], ...], **values: Any
) -> Incident | None:
    statement = update(table_of(Incident)).where(*where).values(**values).returning(*_C)
    moved = row_as(Incident, await session.execute(statement))
    if moved is not None:
        await _announce(session, moved)
    return moved


async def _announce(session: AsyncSession, incident: Incident) -> None:
    """Staff watch one stream of all incidents; it belongs to no customer."""
    payload = {"incidentId": str(incident.id)}
    await events.append(session, events.INCIDENTS, incident.state.value, payload, None)
