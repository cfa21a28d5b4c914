"""The numbers of port projects: read one by one or in pages, and their moves of state.

What writes many at once is in `db.port_lists`; both are reached by the names here. Whoever writes
has locked the project (`port_projects.locked`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    any_,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from db import errors, keyset, tenancy
from db.port_counts import ErrorGroup, error_groups, samples, with_error
from db.port_lists import (
    CARRIER_FIELDS,
    EDITED,
    UpsertResult,
    change_all,
    judge_all,
    pushed,
    upsert_all,
)
from db.rows import Key, by_key, constants, keyed, rows_as, table_of
from db.tables import PortNumber
from db.tables.ports import UNPUSHED
from db.tenancy import Reader
from numbering import lifecycle
from numbering.porting import LIVE_PORT_NUMBER_STATES, PortNumberState

__all__ = [
    "CARRIER_FIELDS",
    "ErrorGroup",
    "UpsertResult",
    "activate",
    "by_ids",
    "calendar_facts",
    "change",
    "change_all",
    "claim",
    "count",
    "error_groups",
    "in_open_projects",
    "judge_all",
    "live_ports",
    "move_all",
    "numbers_of",
    "numbers_of_all",
    "of_project",
    "page",
    "pushed",
    "release",
    "removal_pushed",
    "remove",
    "samples",
    "unpushed",
    "upsert_all",
    "with_error",
]

_T = table_of(PortNumber)
_C = _T.c
_ALL = select(*_C)
_NOW = func.ops.now()
_BY_ID = keyed(PortNumber)
_KEPT = _C.removed_at.is_(None)
_NUMBERS_OF = (
    select(_C.project_id, _C.number)
    .where(_C.project_id == any_(bindparam("keys", type_=ARRAY(Uuid))), _KEPT)
    .order_by(_C.number)
)
_ENDED = constants(frozenset(PortNumberState) - LIVE_PORT_NUMBER_STATES)
_IN_OPEN = keyed(PortNumber, "number").where(_KEPT, _C.state.not_in(_ENDED))


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, PortNumber]:
    """Numbers of projects by id, removed ones too."""
    return await by_key(reader, PortNumber, _BY_ID, ids)


def _of(
    statement: Select[Any], project_id: UUID, states: Collection[PortNumberState] | None
) -> Select[Any]:
    statement = statement.where(_C.project_id == project_id, _KEPT)
    return statement if states is None else statement.where(_C.state.in_(sorted(states)))


async def page(
    reader: Reader,
    project_id: UUID,
    *,
    states: Collection[PortNumberState] | None = None,
    after: Key | None = None,
    limit: int = 50,
) -> Sequence[PortNumber]:
    """A project's numbers in their order; the key of a row is (number, id)."""
    statement = keyset.window(
        _of(_ALL, project_id, states), (_C.number, _C.id), after=after, limit=limit
    )
    return rows_as(PortNumber, await reader.execute(statement))


async def count(
    reader: Reader, project_id: UUID, *, states: Collection[PortNumberState] | None = None
) -> int:
    """How many numbers `page` has."""
    statement = _of(select(func.count()).select_from(_T), project_id, states)
    return int((await reader.execute(statement)).scalar_one())


async def of_project(
    reader: Reader, project_id: UUID, *, states: Collection[PortNumberState] | None = None
) -> Sequence[PortNumber]:
    """All numbers of a project, in their order."""
    statement = _of(_ALL, project_id, states).order_by(_C.number)
    return rows_as(PortNumber, await reader.execute(statement))


async def numbers_of_all(
    reader: Reader, project_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[str]]:
    """All numbers of each project in E.164, in their order; a project without is absent."""
    found: dict[UUID, list[str]] = {}
    for row in await reader.execute(_NUMBERS_OF, {"keys": list(project_ids)}):
        found.setdefault(row.project_id, []).append(row.number)
    return found


async def numbers_of(reader: Reader, project_id: UUID) -> Sequence[str]:
    """All numbers of a project in E.164, in their order."""
    return (await numbers_of_all(reader, [project_id])).get(project_id, [])


async def calendar_facts(reader: Reader, project_id: UUID) -> tuple[Sequence[str], frozenset[str]]:
    """What the FOC calendar goes by: all numbers, and the SPIDs they come from."""
    statement = _of(select(_C.number, _C.losing_spid), project_id, None).order_by(_C.number)
    found = (await reader.execute(statement)).all()
    spids = frozenset(row.losing_spid for row in found if row.losing_spid)
    return [row.number for row in found], spids


async def unpushed(reader: Reader, project_id: UUID) -> Sequence[PortNumber]:
    """Rows that the carrier has to be told of, those that were removed among them."""
    statement = _ALL.where(_C.project_id == project_id, text(f"({UNPUSHED})"))
    return rows_as(PortNumber, await reader.execute(statement.order_by(_C.number, _C.id)))


async def in_open_projects(
    reader: Reader,
    numbers: Collection[str],
    *,
    except_project: UUID | None = None,
    customer_id: UUID | None = None,
) -> frozenset[str]:
    """Which numbers are in an open project of the customer: the scope's, or of staff the given."""
    statement = tenancy.narrow(reader, _IN_OPEN, _C.customer_id)
    if customer_id is not None:
        statement = statement.where(_C.customer_id == customer_id)
    if except_project is not None:
        statement = statement.where(_C.project_id != except_project)
    return frozenset(await by_key(reader, PortNumber, statement, numbers, "number"))


async def live_ports(reader: Reader, numbers: Collection[str]) -> Mapping[str, bool]:
    """Which numbers somebody has submitted or claimed; True for the customer's own, never whose.

    Sees over all customers; `claim` decides the race of those who ask at the same time.
    """
    found = func.voice.live_ports(list(numbers)).table_valued("number", "mine")
    return {row.number: row.mine for row in await reader.execute(select(found))}


async def change(session: AsyncSession, number_id: UUID, **values: Any) -> PortNumber | None:
    """Change a number; None for an unknown or removed one.

    One of the carrier's fields makes the carrier's copy out of date, and what it said of it void:
    this only as long as the number is not submitted, else None.
    """
    where = [_C.id == number_id, _KEPT]
    if not CARRIER_FIELDS.isdisjoint(values):
        fresh = {"state": PortNumberState.PENDING, "errors": []}
        values = {**fresh, **values, "version": _C.version + 1}
        where.append(_C.state.in_(sorted(EDITED)))
    return await _write(session, where, values)


async def remove(
    session: AsyncSession, project_id: UUID, ids: Collection[UUID]
) -> Sequence[PortNumber]:
    """Take numbers out of a project; returns those that were in it.

    One that the carrier was never told of needs no removal there.
    """
    where = (_C.project_id == project_id, _C.id.in_(sorted(ids)), _KEPT)
    values = {"removed_at": _NOW, "removal_pushed": _C.pushed_version == 0}
    return await _write_all(session, where, values)


async def removal_pushed(session: AsyncSession, ids: Collection[UUID]) -> None:
    """The carrier has been told that these were removed."""
    where = (_C.id.in_(sorted(ids)), _C.removed_at.is_not(None))
    await _write_all(session, where, {"removal_pushed": True})


async def claim(session: AsyncSession, project_id: UUID) -> None:
    """Take all numbers of a project for its submission, so that nobody else submits one meanwhile.

    They stay taken until `release`, or until their state moves on. SerializationConflict when
    somebody else took one just now: run again, then `live_ports` names it.
    """
    where = (_C.project_id == project_id, _KEPT)
    try:
        with errors.typed():
            await _write_all(session, where, {"submitting": True})
    except errors.UniqueViolated as taken:
        message = "Somebody else submits one of these numbers at this moment."
        raise errors.SerializationConflict(message, sqlstate=taken.sqlstate) from None


async def release(session: AsyncSession, project_id: UUID) -> None:
    """A submission came to nothing: its numbers are free again."""
    where = (_C.project_id == project_id, _C.submitting)
    await _write_all(session, where, {"submitting": False})


async def move_all(
    session: AsyncSession,
    project_id: UUID,
    sources: Collection[PortNumberState],
    target: PortNumberState,
    numbers: Collection[str] | None = None,
) -> Sequence[PortNumber]:
    """Move all numbers of a project, or some, that are in one of `sources`; returns those moved.

    IllegalMove when one of the sources does not lead there. UniqueViolated (constraint
    `port_numbers_submitted`) when somebody else has submitted one of them.
    """
    for source in sources:
        lifecycle.move(source, target)
    where = [_C.project_id == project_id, _KEPT, _C.state.in_(sorted(sources))]
    if numbers is not None:
        where.append(_C.number.in_(sorted(numbers)))
    return await _write_all(session, where, {"state": target, "submitting": False})


async def activate(
    session: AsyncSession, project_id: UUID, number: str, did_id: UUID, at: datetime
) -> PortNumber | None:
    """A number has come over and is a did; None when that was known, or it was not submitted."""
    sources = sorted((PortNumberState.SUBMITTED, PortNumberState.FAILED))
    where = (
        _C.project_id == project_id,
        _C.number == number,
        _KEPT,
        _C.state.in_(sources),
    )
    active = {"state": PortNumberState.ACTIVE, "errors": []}
    return await _write(session, where, {**active, "did_id": did_id, "activated_at": at})


async def _write_all(
    session: AsyncSession, where: Collection[ColumnElement[bool]], values: Mapping[str, Any]
) -> Sequence[PortNumber]:
    statement = update(_T).where(*where).values(updated_at=_NOW, **values).returning(*_C)
    return rows_as(PortNumber, await session.execute(statement))


async def _write(
    session: AsyncSession, where: Collection[ColumnElement[bool]], values: Mapping[str, Any]
) -> PortNumber | None:
    return next(iter(await _write_all(session, where, values)), None)
