"""Submissions of port projects: which LSR was which attempt, and how it ended (decisions 28)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.rows import grouped, keyed, row_as, rows_as, table_of
from db.tables import PortAttempt, PortProject
from db.tenancy import Reader
from numbering.porting import PortStatus

_C = table_of(PortAttempt).c
_OF_PROJECTS = keyed(PortAttempt, "project_id").order_by(_C.attempt)


async def attempts_of(
    reader: Reader, project_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[PortAttempt]]:
    """The submissions of each project, the first first."""
    return await grouped(reader, PortAttempt, _OF_PROJECTS, project_ids, "project_id")


async def attempt_by_lsr(reader: Reader, project_id: UUID, lsr_id: str) -> PortAttempt | None:
    """The submission of a project that had this LSR; the last of them if there were several."""
    statement = select(*_C).where(_C.project_id == project_id, _C.lsr_id == lsr_id)
    statement = statement.order_by(_C.attempt.desc()).limit(1)
    return row_as(PortAttempt, await reader.execute(statement))


async def begin_attempt(
    session: AsyncSession, project: PortProject, *, lsr_id: str | None, foc_date: date | None
) -> PortAttempt:
    """The project's `attempt` was submitted; said twice, the LSR and the date are set again."""
    news = {"lsr_id": lsr_id, "foc_date": foc_date}
    statement = pg_insert(table_of(PortAttempt)).values(
        project_id=project.id, attempt=project.attempt, customer_id=project.customer_id, **news
    )
    said = statement.on_conflict_do_update(index_elements=[_C.project_id, _C.attempt], set_=news)
    return rows_as(PortAttempt, await session.execute(said.returning(*_C)))[0]


async def end_attempt(
    session: AsyncSession,
    project_id: UUID,
    attempt: int,
    ended_as: PortStatus,
    rejection: Mapping[str, Any] | None = None,
) -> PortAttempt | None:
    """How a submission ended; None when it has ended already, or never was."""
    statement = (
        update(table_of(PortAttempt))
        .where(_C.project_id == project_id, _C.attempt == attempt, _C.ended_as.is_(None))
        .values(ended_as=ended_as, rejection=None if rejection is None else dict(rejection))
        .returning(*_C)
    )
    return row_as(PortAttempt, await session.execute(statement))
