"""Documents of port projects. Only `content` reads what is in one, sealed as it is."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.rows import by_key, grouped, rows_as, table_of, values_of
from db.tables import PortDocument
from db.tenancy import Reader
from numbering.porting import PortDocumentKind

_C = table_of(PortDocument).c
# What was uploaded may be megabytes: rows come without.
_COLUMNS = [column for column in _C if column.name != "content_sealed"]
_ALL = select(*_COLUMNS)
_KEYS = any_(bindparam("keys", type_=ARRAY(Uuid)))
_BY_ID = _ALL.where(_C.id == _KEYS)
_OF_PROJECTS = _ALL.where(_C.project_id == _KEYS).order_by(_C.uploaded_at, _C.id)
_LATEST_LOA = (
    _ALL.ext(distinct_on(_C.project_id))
    .where(_C.project_id == _KEYS, _C.kind == PortDocumentKind.LOA)
    .order_by(_C.project_id, _C.uploaded_at.desc(), _C.id.desc())
)


async def insert(session: AsyncSession, document: PortDocument) -> PortDocument:
    """Keep a document; the answer is without its content, as all rows here."""
    statement = pg_insert(table_of(PortDocument)).values(values_of(document)).returning(*_COLUMNS)
    return rows_as(PortDocument, await session.execute(statement))[0]


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, PortDocument]:
    """Documents by id."""
    return await by_key(reader, PortDocument, _BY_ID, ids)


async def of_projects(
    reader: Reader, project_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[PortDocument]]:
    """The documents of each project, the oldest first."""
    return await grouped(reader, PortDocument, _OF_PROJECTS, project_ids, "project_id")


async def latest_loa(reader: Reader, project_ids: Collection[UUID]) -> Mapping[UUID, PortDocument]:
    """The letter of authorization that counts: the one that was uploaded last."""
    return await by_key(reader, PortDocument, _LATEST_LOA, project_ids, "project_id")


async def content(reader: Reader, document_id: UUID) -> bytes | None:
    """What was uploaded, sealed (`db.vault`); None for an unknown document."""
    found = await reader.execute(select(_C.content_sealed).where(_C.id == document_id))
    sealed: bytes | None = found.scalar_one_or_none()
    return sealed
