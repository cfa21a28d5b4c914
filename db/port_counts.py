"""How many numbers of a project are in which state, and what is wrong with them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, String, Uuid, bindparam, column, func, select, text, true

from db.rows import table_of
from db.tables import PortNumber
from db.tables.ports import UNPUSHED
from db.tenancy import Reader

_C = table_of(PortNumber).c
_COUNTS = text(
    f"""
    SELECT project_id,
      count(*) FILTER (WHERE removed_at IS NULL) AS total,
      count(*) FILTER (WHERE removed_at IS NULL AND state = 'PENDING') AS pending,
      count(*) FILTER (WHERE removed_at IS NULL AND state = 'VALIDATING') AS validating,
      count(*) FILTER (WHERE removed_at IS NULL AND state = 'VALID') AS valid,
      count(*) FILTER (WHERE removed_at IS NULL AND state = 'INVALID') AS invalid,
      count(*) FILTER (WHERE removed_at IS NULL AND state = 'SUBMITTED') AS submitted,
      count(*) FILTER (WHERE removed_at IS NULL AND state = 'REJECTED') AS rejected,
      count(*) FILTER (WHERE removed_at IS NULL AND state = 'ACTIVE') AS active,
      count(*) FILTER (WHERE removed_at IS NULL AND state = 'FAILED') AS failed,
      count(*) FILTER (WHERE removed_at IS NULL AND state = 'CANCELLED') AS cancelled,
      count(*) FILTER (WHERE {UNPUSHED}) AS unpushed
    FROM voice.port_numbers WHERE project_id = ANY (:ids) GROUP BY project_id
    """  # noqa: S608  a constant of ours
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))
# A number with two errors of one code counts once; a group is fixable when one of its errors is.
_GROUPS = text("""
    SELECT n.project_id, e.code, count(DISTINCT n.id) AS number, bool_or(e.fixable) AS fixable
    FROM voice.port_numbers AS n
    CROSS JOIN LATERAL jsonb_to_recordset(n.errors) AS e (code text, fixable boolean)
    WHERE n.project_id = ANY (:ids) AND n.removed_at IS NULL AND n.errors <> '[]'
    GROUP BY n.project_id, e.code ORDER BY number DESC, e.code
""").bindparams(bindparam("ids", type_=ARRAY(Uuid)))


@dataclass(frozen=True, slots=True)
class PortCounts:
    """A project's numbers by state, without the removed ones; `unpushed` has these too."""

    total: int = 0
    pending: int = 0
    validating: int = 0
    valid: int = 0
    invalid: int = 0
    submitted: int = 0
    rejected: int = 0
    active: int = 0
    failed: int = 0
    cancelled: int = 0
    unpushed: int = 0


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Numbers of a project with errors of one code (numbering.port_codes.PortErrorCode)."""

    code: str
    count: int
    fixable: bool


async def counts_of(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, PortCounts]:
    """The counts of each project, in one statement; zeros for one without numbers."""
    found = await reader.execute(_COUNTS, {"ids": list(ids)})
    counts = {
        row["project_id"]: PortCounts(**{k: v for k, v in row.items() if k != "project_id"})
        for row in found.mappings()
    }
    return {project_id: counts.get(project_id, PortCounts()) for project_id in ids}


async def error_groups(
    reader: Reader, project_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[ErrorGroup]]:
    """What is wrong with each project's numbers, the most frequent first; one without is absent."""
    groups: dict[UUID, list[ErrorGroup]] = {}
    for row in await reader.execute(_GROUPS, {"ids": list(project_ids)}):
        group = ErrorGroup(row.code, row.number, bool(row.fixable))
        groups.setdefault(row.project_id, []).append(group)
    return groups


async def samples(
    reader: Reader, keys: Collection[tuple[UUID, str]], limit: int = 5
) -> Mapping[tuple[UUID, str], Sequence[PortNumber]]:
    """For each (project, code), its first numbers with such an error; one without is absent."""
    asked = (
        func.unnest(
            bindparam("projects", [project for project, _ in keys], type_=ARRAY(Uuid)),
            bindparam("codes", [code for _, code in keys], type_=ARRAY(String)),
        )
        .table_valued(column("project", Uuid), column("code", String), name="asked")
        .render_derived()
    )
    such = func.jsonb_build_array(func.jsonb_build_object("code", asked.c.code))
    found = (
        select(*_C)
        .where(_C.project_id == asked.c.project, _C.removed_at.is_(None), _C.errors.contains(such))
        .order_by(_C.number)
        .limit(limit)
        .lateral("found")
    )
    statement = (
        select(*found.c, asked.c.code.label("asked_code"))
        .select_from(asked.join(found, true()))
        .order_by(found.c.number)
    )
    groups: dict[tuple[UUID, str], list[Any]] = {}
    for row in await reader.execute(statement):
        groups.setdefault((row.project_id, row.asked_code), []).append(row)
    return groups


async def with_error(
    reader: Reader, project_id: UUID, code: str, limit: int = 5
) -> Sequence[PortNumber]:
    """The first numbers of a project that have an error of this code."""
    return (await samples(reader, [(project_id, code)], limit)).get((project_id, code), [])
