"""What people ask for about ports: the table of contents; see each file for how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from numbering.actors import Actor
from workflows.accepted import Accepted
from workflows.port_commands import (
    ActivatePortNumbers,
    AddPortComment,
    ApplySuggestedFixes,
    CancelPortProject,
    CreatePortProject,
    LintPortFile,
    RemovePortNumbers,
    RevalidatePortNumbers,
    SubmitPortProject,
    UpdateNoticePreferences,
    UpdatePortNumbers,
    UpdatePortProject,
    UploadPortDocument,
    UploadPortFile,
)

if TYPE_CHECKING:
    from numbering.port_sheet import Sheet
    from workflows.wiring import Services


@dataclass(frozen=True, slots=True)
class UploadAnswer:
    """`sheet` is the report; None when the file could not be read at all."""

    accepted: Accepted
    sheet: Sheet | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one row, before and after a fix."""

    port_number_id: UUID
    field: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class FixAnswer:
    """What was changed, or would be (dry run)."""

    accepted: Accepted
    changes: tuple[FieldChange, ...] = ()


async def create(services: Services, actor: Actor, command: CreatePortProject) -> Accepted:
    raise NotImplementedError


async def update(services: Services, actor: Actor, command: UpdatePortProject) -> Accepted:
    raise NotImplementedError


async def upload(services: Services, actor: Actor, command: UploadPortFile) -> UploadAnswer:
    raise NotImplementedError


async def lint(services: Services, actor: Actor, command: LintPortFile) -> Sheet:
    raise NotImplementedError


async def change_numbers(services: Services, actor: Actor, command: UpdatePortNumbers) -> Accepted:
    raise NotImplementedError


async def apply_fixes(services: Services, actor: Actor, command: ApplySuggestedFixes) -> FixAnswer:
    raise NotImplementedError


async def remove_numbers(services: Services, actor: Actor, command: RemovePortNumbers) -> Accepted:
    raise NotImplementedError


async def revalidate(services: Services, actor: Actor, command: RevalidatePortNumbers) -> Accepted:
    raise NotImplementedError


async def upload_document(
    services: Services, actor: Actor, command: UploadPortDocument
) -> Accepted:
    raise NotImplementedError


async def submit(services: Services, actor: Actor, command: SubmitPortProject) -> Accepted:
    raise NotImplementedError


async def cancel(services: Services, actor: Actor, command: CancelPortProject) -> Accepted:
    raise NotImplementedError


async def activate(services: Services, actor: Actor, command: ActivatePortNumbers) -> Accepted:
    raise NotImplementedError


async def comment(services: Services, actor: Actor, command: AddPortComment) -> Accepted:
    raise NotImplementedError


async def set_notice_preferences(
    services: Services, actor: Actor, command: UpdateNoticePreferences
) -> Accepted:
    raise NotImplementedError
