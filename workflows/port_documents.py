"""Documents of a port: a letter of authorization for exactly these numbers, bills, other papers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, port_documents, port_numbers
from db.ids import new_id
from db.tables import PortDocument, PortProject
from numbering import port_loa
from numbering.actors import Actor
from numbering.lifecycle import AuditAction
from numbering.porting import EDITABLE, PortDocumentKind
from numbering.refusals import FileRefused, Invalid, LimitExceeded
from workflows import accepting, port_access, port_days, port_history_lines, requested
from workflows.accepted import Accepted
from workflows.port_commands import UploadPortDocument
from workflows.port_files import tidy_name

if TYPE_CHECKING:
    from workflows.wiring import Services

LONGEST_SIGNER = 120
_KINDS: Mapping[str, tuple[bytes, ...]] = {
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "JPEG": (b"\xff\xd8\xff",),
}
_HEADER = 1024


async def upload_document(
    services: Services, actor: Actor, command: UploadPortDocument
) -> Accepted:
    """Keep a document, sealed. A letter counts for the list of numbers as it is now."""

    async def prepared() -> bytes:
        check_content(command.kind, command.file.content, services.port_limits.max_document_bytes)
        assert services.vault is not None  # noqa: S101  a gateway does not start without SECRETS_KEY
        return await asyncio.to_thread(services.vault.seal_bytes, command.file.content)

    try:
        sealed = await prepared()
    except FileRefused as refusal:
        return Accepted.refused(refusal)
    uploading = _Uploading(services, actor, command, sealed)
    return await accepting.once(services, actor, "uploadPortDocument", command, uploading.work)


@dataclass(frozen=True, slots=True)
class _Uploading:
    """The transaction of one uploadPortDocument."""

    services: Services
    actor: Actor
    command: UploadPortDocument
    sealed: bytes

    async def work(self, session: AsyncSession) -> Accepted:
        command = self.command
        signer = requested.text(
            command.signed_by or "", LONGEST_SIGNER, "signedBy", required=self._is_letter
        )
        project = await port_access.found(session, command.project_id)
        if self._is_letter:
            port_access.check_state(project, EDITABLE)
        await self._check_room(session, project)
        numbers = await port_numbers.numbers_of(session, project.id)
        if self._is_letter:
            self._check_day(command.signed_on, port_days.today(await clock.now(session), numbers))
        document = await port_documents.insert(
            session,
            PortDocument(
                id=new_id(),
                project_id=project.id,
                customer_id=project.customer_id,
                kind=command.kind,
                file_name=tidy_name(command.file.name),
                size_bytes=len(command.file.content),
                sha256=command.file.sha256,
                content_sealed=self.sealed,
                signed_by=signer or None,
                signed_on=command.signed_on,
                list_hash=port_loa.list_hash(numbers) if self._is_letter else None,
                uploaded_by=self.actor.display,
                uploaded_by_staff=self.actor.is_staff,
            ),
        )
        facts = {
            "documentId": str(document.id),
            "kind": document.kind,
            "fileName": document.file_name,
            "sha256": document.sha256,
        }
        await port_access.note(session, self.actor, AuditAction.PORT_UPLOAD, project, after=facts)
        summary = f"{document.kind} uploaded: {document.file_name}"
        await port_history_lines.tell(session, project, self.actor, summary)
        return port_access.accepted(project)

    async def _check_room(self, session: AsyncSession, project: PortProject) -> None:
        """LimitExceeded when the project's drawer is full; nothing is ever taken out of it."""
        limits = self.services.port_limits
        kept = (await port_documents.of_projects(session, [project.id])).get(project.id, ())
        if len(kept) >= limits.max_documents:
            message = f"A project has at most {limits.max_documents} documents."
            raise LimitExceeded(limits.max_documents, message=message, path=port_access.PATH)
        size = sum(document.size_bytes for document in kept) + len(self.command.file.content)
        if size > limits.max_documents_bytes:
            most = limits.max_documents_bytes // 2**20
            message = f"The documents of a project have at most {most} MB together."
            raise LimitExceeded(most, message=message, path=("file",))

    @property
    def _is_letter(self) -> bool:
        return self.command.kind is PortDocumentKind.LOA

    @staticmethod
    def _check_day(signed_on: date | None, today: date) -> None:
        path = ("signedOn",)
        if signed_on is None:
            raise Invalid("Say on which day the letter was signed.", path=path)
        if signed_on > today:
            raise Invalid(
                "The day of the signature is in the future. Write the day on the letter.", path=path
            )
        if today - signed_on > timedelta(days=port_loa.MAX_AGE_DAYS):
            message = (
                f"The letter is older than {port_loa.MAX_AGE_DAYS} days. Have it signed again."
            )
            raise Invalid(message, path=path)


def check_content(kind: PortDocumentKind, content: bytes, most: int) -> None:
    """FileRefused unless the content is what such a document may be; its name proves nothing."""
    if len(content) > most:
        raise FileRefused(f"The document is larger than {most // 2**20} MB.")
    if _is_pdf(content):
        return
    if kind is PortDocumentKind.LOA:
        raise FileRefused("A letter of authorization is a PDF. Print or scan it into one.")
    if not content.startswith(tuple(magic for magics in _KINDS.values() for magic in magics)):
        raise FileRefused("A document is a PDF, a PNG or a JPEG.")


def _is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:_HEADER] and b"%%EOF" in content[-_HEADER:]
