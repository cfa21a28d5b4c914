"""Editing the numbers of a project in place, taking some out, and having them checked again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, port_numbers, port_projects
from db.audit import Change
from db.tables import Operation, PortNumber, PortProject
from numbering.actors import Actor
from numbering.lifecycle import AuditAction
from numbering.porting import PortNumberState, PortStatus
from numbering.refusals import NotFound, Refusal
from workflows import (
    accepting,
    port_access,
    port_fields,
    port_history_lines,
    port_progress,
    port_pursuit,
    recording,
    requested,
)
from workflows.accepted import Accepted
from workflows.port_commands import RemovePortNumbers, RevalidatePortNumbers, UpdatePortNumbers
from workflows.requested import Asked

if TYPE_CHECKING:
    from workflows.wiring import Services

LONGEST_REASON = 1000
Columns = Mapping[str, Any]


async def change_numbers(services: Services, actor: Actor, command: UpdatePortNumbers) -> Accepted:
    """Edit rows; one bad entry refuses the whole request, so that no half of it is checked."""

    async def work(session: AsyncSession) -> Accepted:
        most = services.port_limits.max_rows
        ids = [change.port_number_id for change in command.changes]
        asked = requested.ids(ids, most, "changes")
        project = await port_access.editable(session, command.project_id)
        rows = await rows_of(session, project, asked)
        wanted: dict[UUID, Columns] = {}
        for index, change in enumerate(command.changes):
            try:
                row = rows.get(change.port_number_id)
                if row is not None:
                    columns = port_fields.columns(change.changes, services.vault)
                    wanted[row.id] = port_fields.really_new(row, columns)
            except Refusal as refusal:
                asked.refusals.append(refusal.at("changes", str(index)))
        if asked.refusals:
            raise accepting.Several(asked.refusals)
        touched = {row_id: columns for row_id, columns in wanted.items() if columns}
        if not touched:
            return port_access.accepted(project)
        editing = Edit(services, actor, session, project)
        return port_access.accepted(
            project, await editing.write(rows, touched, "edited", check=command.revalidate)
        )

    return await accepting.once(services, actor, "updatePortNumbers", command, work)


async def rows_of(
    session: AsyncSession, project: PortProject, asked: Asked[UUID]
) -> Mapping[UUID, PortNumber]:
    """The rows that were named, without removed ones; unknown and foreign ones are refused."""
    found = await port_numbers.by_ids(session, list(asked.paths))
    rows = {
        row.id: row
        for row in found.values()
        if row.project_id == project.id and row.removed_at is None
    }
    for row_id in list(asked.paths):
        if row_id not in rows:
            asked.refuse(row_id, NotFound("number in this project"))
    return rows


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of rows within the transaction that has the project's lock."""

    services: Services
    actor: Actor
    session: AsyncSession
    project: PortProject

    async def write(
        self,
        rows: Mapping[UUID, PortNumber],
        touched: Mapping[UUID, Columns],
        word: str,
        *,
        check: bool = True,
    ) -> Operation | None:
        """Write the columns, say so, and have just these rows checked (or only stored)."""
        await port_numbers.change_all(self.session, touched)
        await self._note(rows, touched)
        summary = f"{_numbers(len(touched))} {word}"
        status = PortStatus.VALIDATING if check else None
        await port_history_lines.tell(
            self.session, self.project, self.actor, summary, status=status
        )
        if check:
            return await self.check()
        await self._store()
        return None

    async def check(self) -> Operation | None:
        """Rows are PENDING and a check is wanted."""
        now = await clock.now(self.session)
        return await port_access.to_be_checked(
            self.session, self.project, self.actor, now, self.services.timings
        )

    async def _store(self) -> None:
        """What was VALIDATED is so no more; a check that is under way takes these rows along."""
        project = self.project
        if project.status is PortStatus.VALIDATED:
            project = await port_projects.move(self.session, project, PortStatus.NEEDS_FIXES)
        await port_progress.tell(self.session, project)

    async def _note(self, rows: Mapping[UUID, PortNumber], touched: Mapping[UUID, Columns]) -> None:
        project = {"projectId": str(self.project.id)}
        changes: list[Change] = []
        for row_id, columns in touched.items():
            before, after = port_fields.noted(rows[row_id], columns)
            changes.append(Change(rows[row_id].number, before, project | after))
        await recording.note_all(
            self.session,
            self.actor,
            AuditAction.PORT_FIX,
            changes,
            customer_id=self.project.customer_id,
        )


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"


async def remove_numbers(services: Services, actor: Actor, command: RemovePortNumbers) -> Accepted:
    """Take numbers out; what is left decides the status. All of them or none."""

    async def work(session: AsyncSession) -> Accepted:
        reason = requested.text(command.reason or "", LONGEST_REASON, "reason") or None
        most = services.port_limits.max_rows
        asked = requested.ids(command.port_number_ids, most, "portNumberIds")
        project = await port_access.editable(session, command.project_id)
        rows = await rows_of(session, project, asked)
        if asked.refusals:
            raise accepting.Several(asked.refusals)
        await port_numbers.remove(session, project.id, list(rows))
        facts = {"removed": sorted(row.number for row in rows.values())}
        await port_access.note(
            session, actor, AuditAction.PORT_FIX, project, after=facts, reason=reason
        )
        moved = await port_access.sum_up(session, project)
        status = None if moved.status is project.status else moved.status
        summary = f"{_numbers(len(rows))} removed"
        await port_history_lines.tell(session, moved, actor, summary, status=status)
        now = await clock.now(session)
        begun = await port_pursuit.pursue(session, moved, actor, now, services.timings)
        return port_access.accepted(project, begun)

    return await accepting.once(services, actor, "removePortNumbers", command, work)


_UNCHECKED = frozenset({PortNumberState.PENDING, PortNumberState.INVALID, PortNumberState.REJECTED})


async def revalidate(services: Services, actor: Actor, command: RevalidatePortNumbers) -> Accepted:
    """Have rows checked again: those named, or all that are not VALID or being checked already."""

    async def work(session: AsyncSession) -> Accepted:
        project = await port_access.editable(session, command.project_id)
        rows = await _to_check(services, session, project, command.port_number_ids)
        if not rows:
            return port_access.accepted(project)
        # A new version: it goes to the carrier with the next file, and that has it checked.
        again = {row.id: {"losing_carrier": row.losing_carrier} for row in rows}
        await port_numbers.change_all(session, again)
        summary = f"{_numbers(len(rows))} to be checked again"
        await port_history_lines.tell(
            session, project, actor, summary, status=PortStatus.VALIDATING
        )
        begun = await Edit(services, actor, session, project).check()
        return port_access.accepted(project, begun)

    return await accepting.once(services, actor, "revalidatePortNumbers", command, work)


async def _to_check(
    services: Services,
    session: AsyncSession,
    project: PortProject,
    ids: Sequence[UUID] | None,
) -> Collection[PortNumber]:
    if ids is None:
        return await port_numbers.of_project(session, project.id, states=_UNCHECKED)
    asked = requested.ids(ids, services.port_limits.max_rows, "portNumberIds")
    rows = await rows_of(session, project, asked)
    if asked.refusals:
        raise accepting.Several(asked.refusals)
    return rows.values()
