"""What the mutations about ports ask for; ids are decoded as in `workflows.commands`.

Files, account numbers and PINs are in here as they came: no `repr` shows them, and a fingerprint
is keyed (`accepting.fingerprints`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from numbering.notices import NoticeKind
from numbering.porting import PortDocumentKind
from workflows.accepting import HIDDEN

if TYPE_CHECKING:
    from numbering.port_codes import PortErrorCode


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as the client sent it: its name is a claim, its content whatever it is."""

    name: str
    content: bytes = field(repr=False, metadata=HIDDEN)
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashlib.sha256(self.content).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePortProject:
    """Begin a port project of a customer; the date is a wish until it is submitted."""

    customer_id: UUID
    name: str
    description: str | None = None
    losing_carrier: str | None = None
    requested_foc_date: date | None = None
    authorized_person: str | None = None
    authorized_title: str | None = None
    idempotency_key: str


class ProjectChanges(TypedDict, total=False):
    """An absent key leaves the field, None clears it (all but the name)."""

    name: str | None
    description: str | None
    losing_carrier: str | None
    requested_foc_date: date | None
    authorized_person: str | None
    authorized_title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePortProject:
    """Change the project's own fields."""

    project_id: UUID
    changes: ProjectChanges
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPortFile:
    """Take the numbers of a CSV or XLSX file into a project."""

    project_id: UUID
    file: UploadedFile
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LintPortFile:
    """Judge a file and keep nothing; `customer_id` says whose numbers it is judged against."""

    file: UploadedFile
    customer_id: UUID | None = None


class NumberChanges(TypedDict, total=False):
    """An absent key leaves the field, None clears it; `btn` is in any notation."""

    losing_carrier: str | None
    losing_spid: str | None
    btn: str | None
    account_number: str | None
    pin: str | None
    notes: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChange:
    """The edit of one row."""

    port_number_id: UUID
    changes: NumberChanges = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePortNumbers:
    """Edit rows in place; all of them or none."""

    project_id: UUID
    changes: tuple[NumberChange, ...]
    revalidate: bool = True
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplySuggestedFixes:
    """Take over what the carrier suggests: for these codes, for these rows, or all it can."""

    project_id: UUID
    codes: tuple[PortErrorCode, ...] | None = None
    port_number_ids: tuple[UUID, ...] | None = None
    dry_run: bool = False
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePortNumbers:
    """Take numbers out of a project."""

    project_id: UUID
    port_number_ids: tuple[UUID, ...]
    reason: str | None = None
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevalidatePortNumbers:
    """Have rows checked again: those named, or all that are not VALID (None)."""

    project_id: UUID
    port_number_ids: tuple[UUID, ...] | None = None
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPortDocument:
    """Attach a letter of authorization, a bill or something else."""

    project_id: UUID
    kind: PortDocumentKind
    file: UploadedFile
    signed_by: str | None = None
    signed_on: date | None = None
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitPortProject:
    """Send the project off for a day of activation."""

    project_id: UUID
    foc_date: date
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPortProject:
    """Call the project off."""

    project_id: UUID
    reason: str
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivatePortNumbers:
    """Staff: have numbers activated now, those named or all that are left (None)."""

    project_id: UUID
    port_number_ids: tuple[UUID, ...] | None = None
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPortComment:
    """Write to whoever works on the project."""

    project_id: UUID
    text: str
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePreference:
    """Whether a customer gets one kind of notice, and who; no recipients: the customer's own."""

    kind: NoticeKind
    enabled: bool = True
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateNoticePreferences:
    """Set the named kinds; the others stay."""

    customer_id: UUID
    preferences: tuple[NoticePreference, ...]
    idempotency_key: str
