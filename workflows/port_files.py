"""Files of numbers: judged and forgotten (lint), or taken into a project (upload).

What is good of a file is taken, what is not is reported; nothing of it is kept as a file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, dids, port_numbers, port_projects
from db.ids import new_id
from db.port_lists import NewNumber
from db.tables import PortProject
from db.tenancy import Reader
from numbering import port_sheet
from numbering.actors import Actor, Scope
from numbering.lifecycle import AuditAction
from numbering.port_sheet import Known, Line, Parsed, Sheet
from numbering.porting import EDITABLE, PortStatus
from numbering.refusals import FileRefused
from numbering.telephone import TelephoneNumber
from workflows import accepting, port_access, port_history_lines, port_secrets
from workflows.accepted import Accepted
from workflows.port_commands import LintPortFile, UploadedFile, UploadPortFile

if TYPE_CHECKING:
    from db.vault import Vault
    from workflows.wiring import Services

LONGEST_FILE_NAME = 120


@dataclass(frozen=True, slots=True)
class UploadAnswer:
    """`sheet` is the report; None when the file could not be read at all."""

    accepted: Accepted
    sheet: Sheet | None = None


async def lint(services: Services, actor: Actor, command: LintPortFile) -> Sheet:
    """Judge a file against a customer's numbers and keep nothing. Raises FileRefused."""
    parsed = await _parsed(services, command.file)
    scope = actor.scope
    if actor.is_staff and command.customer_id is not None:
        scope = Scope.customer(command.customer_id)
    async with services.database.read(scope) as reader:
        known = await _known(reader, parsed, scope.customer_id, None)
    return await asyncio.to_thread(port_sheet.judge, parsed, known)


async def upload(services: Services, actor: Actor, command: UploadPortFile) -> UploadAnswer:
    """Take the good rows of a file; the project is VALIDATING from then on.

    Asked again with the same key, the answer is the project and a report of the file as it is
    judged now: nothing of the first one was kept.
    """
    try:
        parsed = await _parsed(services, command.file)
    except FileRefused as refusal:
        return UploadAnswer(Accepted.refused(refusal))
    # Before the transaction: it takes its time, and others wait for the project's lock.
    rows = await asyncio.to_thread(_rows, parsed.lines, command.project_id, services.vault)
    uploading = _Uploading(services, actor, command, parsed, rows)
    accepted = await accepting.once(services, actor, "uploadPortFile", command, uploading.work)
    return UploadAnswer(
        accepted, uploading.sheet or await _again(services, actor, accepted, parsed)
    )


async def _again(
    services: Services, actor: Actor, accepted: Accepted, parsed: Parsed
) -> Sheet | None:
    """The report for a key that was used before."""
    if accepted.port_project_id is None:
        return None
    async with services.database.read(actor.scope) as reader:
        found = await port_projects.by_ids(reader, [accepted.port_project_id])
        project = found[accepted.port_project_id]
        known = await _known(reader, parsed, project.customer_id, project.id)
    return await asyncio.to_thread(port_sheet.judge, parsed, known)


async def _parsed(services: Services, file: UploadedFile) -> Parsed:
    most = services.port_limits.max_file_bytes
    if len(file.content) > most:
        raise FileRefused(f"The file is larger than {most // 2**20} MB. Divide it.")
    return await asyncio.to_thread(port_sheet.parse, file.content, tidy_name(file.name))


def tidy_name(name: str) -> str:
    """A file's name as it may be shown and stored: no path, nothing unprintable, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(c for c in last if c.isprintable()).strip(". ")
    return shown[-LONGEST_FILE_NAME:] or "file"


async def _known(
    reader: Reader, parsed: Parsed, customer_id: UUID | None, project_id: UUID | None
) -> Known:
    numbers = sorted(parsed.numbers)
    others = await port_numbers.in_open_projects(
        reader, numbers, except_project=project_id, customer_id=customer_id
    )
    parsed_numbers = [TelephoneNumber(number) for number in numbers]
    ours = await dids.live_numbers(reader, parsed_numbers)
    kind = None
    if project_id is not None:
        first = next(iter(await port_numbers.page(reader, project_id, limit=1)), None)
        kind = None if first is None else TelephoneNumber(first.number).type
    return Known(others, frozenset(str(number) for number in ours), kind)


@dataclass(slots=True)
class _Uploading:
    """The transaction of one uploadPortFile; `sheet` is what it came to."""

    services: Services
    actor: Actor
    command: UploadPortFile
    parsed: Parsed
    rows: Mapping[int, NewNumber]
    sheet: Sheet | None = None

    async def work(self, session: AsyncSession) -> Accepted:
        project = await port_access.found(session, self.command.project_id)
        port_access.check_state(project, EDITABLE)
        known = await _known(session, self.parsed, project.customer_id, project.id)
        self.sheet = await asyncio.to_thread(port_sheet.judge, self.parsed, known)
        if not self.sheet.lines:
            raise FileRefused("No row of the file can be taken. Look at the report.")
        rows = [self.rows[line.row] for line in self.sheet.lines]
        for row in rows:
            row.customer_id = project.customer_id
        written = await port_numbers.upsert_all(session, rows)
        if not written.inserted + written.replaced:
            raise FileRefused("All of these numbers were taken into another project just now.")
        await self._tell(session, project, written.inserted, written.replaced)
        now = await clock.now(session)
        begun = await port_access.to_be_checked(
            session, project, self.actor, now, self.services.timings
        )
        return port_access.accepted(project, begun)

    async def _tell(
        self, session: AsyncSession, project: PortProject, inserted: int, replaced: int
    ) -> None:
        assert self.sheet is not None  # noqa: S101  judged before
        sheet = self.sheet
        facts = {
            "fileName": sheet.file_name,
            "sha256": self.command.file.sha256,
            "total": sheet.total,
            "inserted": inserted,
            "replaced": replaced,
            "invalid": sheet.invalid,
            "duplicate": sheet.duplicate,
        }
        await port_access.note(session, self.actor, AuditAction.PORT_UPLOAD, project, after=facts)
        summary = f"{sheet.file_name}: {inserted} numbers added, {replaced} replaced"
        if sheet.invalid or sheet.duplicate:
            summary += f", {sheet.invalid + sheet.duplicate} rows not taken"
        await port_history_lines.tell(
            session, project, self.actor, summary, status=PortStatus.VALIDATING
        )


def _rows(lines: Sequence[Line], project_id: UUID, vault: Vault | None) -> dict[int, NewNumber]:
    """Rows by their place in the file; whose they are becomes known with the project."""
    return {
        line.row: NewNumber(
            id=new_id(),
            project_id=project_id,
            customer_id=UUID(int=0),
            number=str(line.number),
            losing_carrier=line.losing_carrier,
            losing_spid=line.losing_spid,
            btn=None if line.btn is None else str(line.btn),
            account_number_sealed=port_secrets.seal(vault, line.account_number),
            account_number_mask=port_secrets.masked(line.account_number),
            pin_sealed=port_secrets.seal(vault, line.pin),
            notes=line.notes,
            row=line.row,
        )
        for line in lines
    }
