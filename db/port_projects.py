"""Port projects: pages, the few changes of state, and what the sweeper has to look after."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import errors, keyset, operations, tenancy
from db.port_attempts import attempt_by_lsr, attempts_of, begin_attempt, end_attempt
from db.port_counts import PortCounts, counts_of
from db.rows import Key, by_key, constants, keyed, row_as, rows_as, table_of, values_of
from db.tables import Operation, PortNumber, PortProject
from db.tables.ports import UNPUSHED
from db.tenancy import Reader
from numbering import lifecycle
from numbering.lifecycle import TERMINAL_OPERATION_STATES
from numbering.porting import AT_CARRIER, EDITABLE, OPEN, PortStatus

__all__ = [
    "PortCounts",
    "PortFilter",
    "attempt_by_lsr",
    "attempts_of",
    "begin_attempt",
    "by_carrier_id",
    "by_ids",
    "change",
    "count",
    "counts_of",
    "end_attempt",
    "insert",
    "key_of",
    "locked",
    "move",
    "page",
    "to_judge",
    "unfinished",
    "unwatched",
]

_C = table_of(PortProject).c
_ALL = select(*_C)
_BY_ID = keyed(PortProject)
_NOW = func.ops.now()
_OPEN = _C.status.not_in(constants(frozenset(PortStatus) - OPEN))


@dataclass(frozen=True, slots=True)
class PortFilter:
    """Which projects; everything that is given has to hold."""

    customer_id: UUID | None = None
    statuses: tuple[PortStatus, ...] | None = None
    stalled: bool | None = None


def _matching(reader: Reader, statement: Select[Any], where: PortFilter) -> Select[Any]:
    statement = tenancy.narrow(reader, statement, _C.customer_id)
    if where.customer_id is not None:
        statement = statement.where(_C.customer_id == where.customer_id)
    if where.statuses is not None:
        statement = statement.where(_C.status.in_(sorted(where.statuses)))
    if where.stalled is not None:
        stalled = _C.stall_kind.is_not(None)
        statement = statement.where(stalled if where.stalled else ~stalled)
    return statement


def key_of(project: PortProject, where: PortFilter) -> Key:
    """The place of a row in the list of that filter, for `after`."""
    return project.stall_since if where.stalled else project.created_at, project.id


async def page(
    reader: Reader, where: PortFilter, *, after: Key | None = None, limit: int = 20
) -> Sequence[PortProject]:
    """Projects, the newest first; stalled ones by how long they are, the longest first."""
    statement = keyset.window(
        _matching(reader, _ALL, where),
        (_C.stall_since if where.stalled else _C.created_at, _C.id),
        after=after,
        limit=limit,
        descending=not where.stalled,
    )
    return rows_as(PortProject, await reader.execute(statement))


async def count(reader: Reader, where: PortFilter) -> int:
    """How many projects `page` has."""
    every = select(func.count()).select_from(table_of(PortProject))
    return int((await reader.execute(_matching(reader, every, where))).scalar_one())


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, PortProject]:
    """Projects by id."""
    return await by_key(reader, PortProject, _BY_ID, ids)


async def by_carrier_id(reader: Reader, carrier_id: str) -> PortProject | None:
    """The project that the carrier knows under this id."""
    found = await reader.execute(_ALL.where(_C.carrier_id == carrier_id))
    return row_as(PortProject, found)


async def insert(session: AsyncSession, project: PortProject) -> PortProject:
    """Insert a project."""
    statement = pg_insert(table_of(PortProject)).values(values_of(project)).returning(*_C)
    return rows_as(PortProject, await session.execute(statement))[0]


async def locked(session: AsyncSession, project_id: UUID) -> PortProject | None:
    """A project, kept as it is until the transaction ends; None for an unknown one.

    Whoever changes a project or its numbers locks it first: so two who do so take turns.
    """
    statement = _ALL.where(_C.id == project_id).with_for_update()
    return row_as(PortProject, await session.execute(statement))


async def change(session: AsyncSession, project_id: UUID, **values: Any) -> PortProject | None:
    """Set columns other than the status; None for an unknown project."""
    return await _write(session, (_C.id == project_id,), values)


async def move(
    session: AsyncSession, project: PortProject, status: PortStatus, **values: Any
) -> PortProject:
    """Bring a locked project to a status; IllegalMove when that cannot follow.

    The status that it has already is no move: only `values` are set. SerializationConflict when
    somebody else has moved it, because it was not locked.
    """
    if status is not project.status:
        lifecycle.move(project.status, status)
        values = {"status": status, "status_since": _NOW, **values}
    where = (_C.id == project.id, _C.status == project.status)
    moved = await _write(session, where, values)
    if moved is None:
        raise errors.SerializationConflict("The port project has moved meanwhile.")
    return moved


async def _write(
    session: AsyncSession, where: tuple[ColumnElement[bool], ...], values: Mapping[str, Any]
) -> PortProject | None:
    statement = update(table_of(PortProject)).where(*where).values(updated_at=_NOW, **values)
    return row_as(PortProject, await session.execute(statement.returning(*_C)))


def _live(group: str) -> ColumnElement[bool]:
    """A live operation of this group has the project as its subject."""
    theirs = table_of(Operation).c
    return (
        select(theirs.id)
        .where(
            theirs.kind_group == group,
            theirs.subject == cast(_C.id, String),
            theirs.state.not_in(constants(TERMINAL_OPERATION_STATES)),
        )
        .exists()
    )


_N = table_of(PortNumber).c
_UNTOLD = (
    select(_N.id)
    .where(
        _N.project_id == _C.id,
        text(f"({UNPUSHED})"),
        # Edits that were only stored wait for a check, however long: nothing is due for them.
        or_(_N.removed_at.is_not(None), _C.status == PortStatus.VALIDATING),
    )
    .exists()
)
_TO_PURSUE = or_(
    _C.carrier_id.is_(None),
    _C.wanted.is_not(None),
    _C.status == PortStatus.CANCELLING,
    _C.status.in_(constants(EDITABLE)) & ((_C.version != _C.pushed_version) | _UNTOLD),
)


async def unfinished(reader: Reader, limit: int = 100) -> Sequence[PortProject]:
    """Open projects of which the carrier has still to be told something, and nobody does.

    The same rule as `port_pursuit` goes by for one project: a row that is listed here and leads to
    nothing would come first on every sweep.
    """
    statement = _ALL.where(_OPEN, _TO_PURSUE, ~_live(operations.PORT))
    statement = statement.order_by(_C.updated_at).limit(limit)
    return rows_as(PortProject, await reader.execute(statement))


async def unwatched(reader: Reader, limit: int = 100) -> Sequence[PortProject]:
    """Projects of which the carrier may have news, and nobody looks."""
    watched = constants(AT_CARRIER | {PortStatus.VALIDATING})
    statement = _ALL.where(_OPEN, _C.status.in_(watched), ~_live(operations.PORT_POLL))
    statement = statement.order_by(_C.updated_at).limit(limit)
    return rows_as(PortProject, await reader.execute(statement))


async def to_judge(
    reader: Reader, after_id: UUID | None = None, limit: int = 100
) -> Sequence[PortProject]:
    """Open projects by id, for the watchdog that looks at them all, a page at a time."""
    statement = _ALL.where(_OPEN).order_by(_C.id).limit(limit)
    if after_id is not None:
        statement = statement.where(_C.id > after_id)
    return rows_as(PortProject, await reader.execute(statement))
