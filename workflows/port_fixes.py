"""Taking over what the carrier suggests, for many numbers at once, after a look at it (dry run)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import port_numbers
from db.tables import PortNumber, PortProject
from numbering.actors import Actor
from numbering.port_codes import NumberError
from numbering.porting import PortNumberState
from workflows import accepting, port_access, requested
from workflows.accepted import Accepted
from workflows.port_commands import ApplySuggestedFixes
from workflows.port_editing import Edit, rows_of

if TYPE_CHECKING:
    from workflows.wiring import Services

COLUMNS: Mapping[str, str] = {
    "losingCarrier": "losing_carrier",
    "losingSpid": "losing_spid",
    "btn": "btn",
}
"""Suggested fields → ours; a secret is never suggested."""
_FIXABLE = frozenset({PortNumberState.INVALID, PortNumberState.REJECTED})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one row, before and after a fix; `field` is the schema's name."""

    port_number_id: UUID
    field: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class FixAnswer:
    """What was changed, or would be (dry run)."""

    accepted: Accepted
    changes: tuple[FieldChange, ...] = ()


async def apply_fixes(services: Services, actor: Actor, command: ApplySuggestedFixes) -> FixAnswer:
    """Apply suggestions: of these codes, of these rows, or all there are.

    A dry run writes nothing and keeps no key. Asked again with the same key, there is no more to
    change, and the answer lists nothing.
    """
    fixing = _Fixing(services, actor, command)
    accepted = await accepting.once(services, actor, "applySuggestedFixes", command, fixing.work)
    if fixing.shown is not None:
        accepted = fixing.shown
    return FixAnswer(accepted, tuple(fixing.changes) if accepted.port_project_id else ())


class _Shown(accepting.Several):
    """A dry run: rolls back whatever the key and the lock did."""


@dataclass(slots=True)
class _Fixing:
    """The transaction of one applySuggestedFixes; `changes` is what it came to."""

    services: Services
    actor: Actor
    command: ApplySuggestedFixes
    changes: list[FieldChange] = field(default_factory=list)
    shown: Accepted | None = None

    async def work(self, session: AsyncSession) -> Accepted:
        project = await port_access.editable(session, self.command.project_id)
        rows = await self._rows(session, project)
        self.changes = [change for row in rows.values() for change in self._of(row)]
        if self.command.dry_run:
            self.shown = port_access.accepted(project)
            raise _Shown(())
        if not self.changes:
            return port_access.accepted(project)
        touched: dict[UUID, dict[str, str]] = {}
        for change in self.changes:
            columns = touched.setdefault(change.port_number_id, {})
            columns[COLUMNS[change.field]] = change.after
        edit = Edit(self.services, self.actor, session, project)
        return port_access.accepted(
            project, await edit.write(rows, touched, "changed as the carrier suggests")
        )

    async def _rows(self, session: AsyncSession, project: PortProject) -> Mapping[UUID, PortNumber]:
        ids = self.command.port_number_ids
        if ids is None:
            rows = await port_numbers.of_project(session, project.id, states=_FIXABLE)
            return {row.id: row for row in rows}
        asked = requested.ids(ids, self.services.port_limits.max_rows, "portNumberIds")
        found = await rows_of(session, project, asked)
        if asked.refusals:
            raise accepting.Several(asked.refusals)
        return found

    def _of(self, row: PortNumber) -> Iterator[FieldChange]:
        """The suggestions for a row; the first of several for one field counts."""
        seen: set[str] = set()
        for stored in row.errors:
            error = NumberError.from_json(stored)
            suggested = error.suggested
            codes = self.command.codes
            if suggested is None or not error.fixable or (codes and error.code not in codes):
                continue
            before = getattr(row, COLUMNS[suggested.field])
            if suggested.field not in seen and before != suggested.value:
                seen.add(suggested.field)
                yield FieldChange(row.id, suggested.field, before, suggested.value)
