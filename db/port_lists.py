"""Many numbers of a port project at once: 10,000 in one statement, as arrays (measured < 1 s).

Whoever writes has locked the project (`port_projects.locked`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Table, Uuid, bindparam, func, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.rows import rows_as, table_of
from db.tables import PortNumber
from numbering.porting import PORT_NUMBER_MOVES, PortNumberState

CARRIER_FIELDS = frozenset(
    {"losing_carrier", "losing_spid", "btn", "account_number_sealed", "pin_sealed", "notes"}
)
"""What is in the file for the carrier: a change has to be told, and checked anew."""

EDITED = frozenset(
    state
    for state, targets in PORT_NUMBER_MOVES.items()
    if PortNumberState.PENDING in targets | {state}
)
"""The states out of which an edit begins anew as PENDING."""

_COLUMNS: Mapping[str, str] = {
    "id": "uuid",
    "project_id": "uuid",
    "customer_id": "uuid",
    "number": "varchar",
    "losing_carrier": "varchar",
    "losing_spid": "varchar",
    "btn": "varchar",
    "account_number_sealed": "bytea",
    "account_number_mask": "varchar",
    "pin_sealed": "bytea",
    "notes": "varchar",
    "row": "integer",
}
_REPLACED = [name for name in _COLUMNS if name not in {"id", "project_id", "customer_id", "number"}]
_MOVES = sorted(
    f"{source.value}>{target.value}"
    for source, targets in PORT_NUMBER_MOVES.items()
    for target in targets | {source}
)

# In the order of numbers, so that two lists with the same ones queue instead of deadlock.
_UPSERT = text(f"""
    INSERT INTO voice.port_numbers AS n ({", ".join(_COLUMNS)})
    SELECT * FROM unnest({", ".join(f"CAST(:{c} AS {t}[])" for c, t in _COLUMNS.items())})
      AS t ({", ".join(_COLUMNS)}) ORDER BY t.number
    ON CONFLICT (customer_id, number)
      WHERE removed_at IS NULL AND state NOT IN ('ACTIVE', 'FAILED', 'CANCELLED')
    DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in _REPLACED)},
      state = 'PENDING', errors = '[]', version = n.version + 1, updated_at = ops.now()
    WHERE n.project_id = excluded.project_id AND n.state <> 'SUBMITTED'
    RETURNING number, xmax = 0 AS fresh
""")  # noqa: S608  constants of this module
# A number that comes back is not to be removed at the carrier any more: it is going to be replaced.
_TAKEN_BACK = text("""
    UPDATE voice.port_numbers SET removal_pushed = true
    WHERE project_id = :project_id AND removed_at IS NOT NULL AND NOT removal_pushed
      AND number = ANY (CAST(:numbers AS varchar[]))
""")
# A row that was edited since stays as it is; one that was removed since has to be removed there,
# unless it came back as another row.
_PUSHED = text("""
    UPDATE voice.port_numbers AS n SET
      pushed_version = greatest(n.pushed_version, t.version),
      state = CASE WHEN n.removed_at IS NULL AND n.version = t.version
        AND n.state || '>VALIDATING' = ANY (CAST(:moves AS text[])) THEN 'VALIDATING'
        ELSE n.state END,
      removal_pushed = n.removed_at IS NOT NULL AND EXISTS (
        SELECT FROM voice.port_numbers AS o
        WHERE o.project_id = n.project_id AND o.number = n.number AND o.removed_at IS NULL),
      updated_at = ops.now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS bigint[])) AS t (id, version)
    WHERE n.id = t.id
""")
_JUDGE = text("""
    UPDATE voice.port_numbers AS n SET
      state = t.state, errors = CAST(t.errors AS jsonb), updated_at = ops.now()
    FROM unnest(CAST(:numbers AS varchar[]), CAST(:states AS text[]), CAST(:errors AS text[]))
      AS t (number, state, errors)
    WHERE n.project_id = :project_id AND n.number = t.number AND n.removed_at IS NULL
      AND n.version = n.pushed_version AND n.state || '>' || t.state = ANY (CAST(:moves AS text[]))
      AND (n.state <> t.state OR n.errors <> CAST(t.errors AS jsonb))
    RETURNING n.number
""")


@dataclass(frozen=True, slots=True)
class UpsertResult:
    """What became of a list; `conflicts` are in another open project, and were not written."""

    inserted: int
    replaced: int
    conflicts: frozenset[str]


@dataclass(slots=True)
class NewNumber:
    """A number of a list, as it is written. A row class costs half a millisecond each to make."""

    id: UUID
    project_id: UUID
    customer_id: UUID
    number: str
    losing_carrier: str | None = None
    losing_spid: str | None = None
    btn: str | None = None
    account_number_sealed: bytes | None = None
    account_number_mask: str | None = None
    pin_sealed: bytes | None = None
    notes: str | None = None
    row: int | None = None


async def upsert_all(
    session: AsyncSession, rows: Sequence[NewNumber] | Sequence[PortNumber]
) -> UpsertResult:
    """Write the numbers of one project, each at most once, in two statements.

    A number that it has already gets the new fields, all of them, and begins anew as PENDING. One
    that another open project of the customer has, or that is submitted, is left out.
    """
    if not rows:
        return UpsertResult(0, 0, frozenset())
    values = {name: [getattr(row, name) for row in rows] for name in _COLUMNS}
    written = (await session.execute(_UPSERT, values)).all()
    numbers = [row.number for row in written]
    taken_back = {"project_id": rows[0].project_id, "numbers": numbers}
    await session.execute(_TAKEN_BACK, taken_back)
    inserted = sum(row.fresh for row in written)
    conflicts = frozenset(row.number for row in rows) - frozenset(numbers)
    return UpsertResult(inserted, len(written) - inserted, conflicts)


async def change_all(
    session: AsyncSession, changes: Mapping[UUID, Mapping[str, Any]]
) -> Sequence[PortNumber]:
    """Change the carrier's fields of many numbers; a statement for each set of fields.

    Returns those that were there and not submitted. Their version grows, and what the carrier said
    of them is void.
    """
    sets: dict[tuple[str, ...], dict[UUID, Mapping[str, Any]]] = {}
    for number_id, values in changes.items():
        sets.setdefault(tuple(sorted(values)), {})[number_id] = values
    changed: list[PortNumber] = []
    for fields, members in sorted(sets.items()):
        changed += await _change_fields(session, fields, members)
    return changed


async def _change_fields(
    session: AsyncSession, fields: Sequence[str], members: Mapping[UUID, Mapping[str, Any]]
) -> Sequence[PortNumber]:
    table: Table = table_of(PortNumber)
    arrays = [bindparam("ids", sorted(members), type_=ARRAY(Uuid))]
    for field in fields:
        column = [members[number_id][field] for number_id in sorted(members)]
        arrays.append(bindparam(f"new_{field}", column, type_=ARRAY(table.c[field].type)))
    told = func.unnest(*arrays).table_valued("id", *fields, name="told").render_derived()
    statement = (
        update(table)
        .where(
            table.c.id == told.c.id,
            table.c.removed_at.is_(None),
            table.c.state.in_(sorted(EDITED)),
        )
        .values(
            **{field: told.c[field] for field in fields},
            state=PortNumberState.PENDING,
            errors=[],
            version=table.c.version + 1,
            updated_at=func.ops.now(),
        )
        .returning(*table.c)
    )
    return rows_as(PortNumber, await session.execute(statement))


async def pushed(session: AsyncSession, versions: Mapping[UUID, int]) -> None:
    """The carrier has been told these versions, and checks them: VALIDATING.

    One that was edited meanwhile stays PENDING and unpushed; one that was removed meanwhile has to
    be removed at the carrier now.
    """
    values = {"ids": list(versions), "versions": list(versions.values()), "moves": _MOVES}
    await session.execute(_PUSHED, values)


async def judge_all(
    session: AsyncSession,
    project_id: UUID,
    verdicts: Mapping[str, tuple[PortNumberState, Sequence[Mapping[str, Any]]]],
) -> frozenset[str]:
    """What the carrier said of each number: its state and its errors; returns those that changed.

    It speaks of what it was told last: a row that was edited since is left alone, and so is one
    whose state does not lead to that state.
    """
    values = {
        "project_id": project_id,
        "numbers": list(verdicts),
        "states": [state.value for state, _ in verdicts.values()],
        "errors": [orjson.dumps(list(found)).decode() for _, found in verdicts.values()],
        "moves": _MOVES,
    }
    changed = await session.execute(_JUDGE, values)
    return frozenset(changed.scalars())
