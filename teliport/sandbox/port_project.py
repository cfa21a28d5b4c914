"""A port project as the carrier keeps it: its fields, its rows, the validation under way, its LSR.

Values that change in place, unlike numbers: a project of 10 000 rows is not copied for each step.
"""

from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any


class PortStatus(StrEnum):
    """The carrier's statuses of a project (contract, Portability API)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    FOC_ASSIGNED = "FOC_ASSIGNED"
    ACTIVATING = "ACTIVATING"
    COMPLETE = "COMPLETE"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


class RowStatus(StrEnum):
    """The carrier's statuses of one number of a project."""

    PENDING = "PENDING"
    VALID = "VALID"
    INVALID = "INVALID"
    SUBMITTED = "SUBMITTED"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


EDITABLE = frozenset({PortStatus.DRAFT, PortStatus.REJECTED})
BEFORE_ACTIVATION = frozenset(
    {PortStatus.SUBMITTED, PortStatus.PENDING, PortStatus.CONFIRMED, PortStatus.FOC_ASSIGNED}
)
AT_CARRIER = BEFORE_ACTIVATION | {PortStatus.ACTIVATING}


@dataclass(slots=True)
class Row:
    """One number to port, ten digits each. The PIN itself is not kept, only whether it is right.

    `errors` is what its validation finds; who looks before the validation is so far sees nothing.
    `fate` is what became of it after submission: ACTIVE, FAILED, CANCELLED.
    """

    tn: str
    lsp_name: str | None = None
    lsp_spid: str | None = None
    btn: str | None = None
    account_number: str | None = field(default=None, repr=False)
    pin_set: bool = False
    pin_right: bool = False
    notes: str | None = None
    first_job: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list, repr=False)
    fate: RowStatus | None = None
    activated_at: float | None = None
    # How often it was tried to activate it.
    tries: int = 0

    def as_json(self) -> dict[str, Any]:
        """What the store keeps; `asdict` would copy the errors, and take ten times as long."""
        return {name: getattr(self, name) for name in _ROW_FIELDS}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Row":
        """The row that `as_json` described."""
        return cls(**{**kept, "fate": kept["fate"] and RowStatus(kept["fate"])})


_ROW_FIELDS = tuple(each.name for each in fields(Row))


@dataclass(slots=True)
class Job:
    """A validation: at `ends[i]` seconds of the port life after `began`, `tns[i]` is judged.

    `fails_at` is how many rows it judges before it breaks down, None if it does not. `began` is on
    the port clock, `at` in the sandbox's time.
    """

    id: str
    number: int
    began: float
    at: float
    tns: list[str]
    ends: list[float]
    fails_at: int | None = None


@dataclass(slots=True)
class Project:
    """A port project; times are unix seconds, dates ISO texts as they came.

    `lead` is by how much the project's life runs ahead of the sandbox's time as the port clock
    stood at the submission, `skipped` by how much it was pushed forward by hand.
    """

    id: str
    number: int
    name: str
    spid: str
    created_at: float
    updated_at: float
    description: str | None = None
    requested_foc_date: str | None = None
    losing_carrier: str | None = None
    authorized_person: str | None = None
    authorized_title: str | None = None
    status: PortStatus = PortStatus.DRAFT
    attempt: int = 0
    lsr_id: str | None = None
    lsr_ids: list[str] = field(default_factory=list)
    foc_date: str | None = None
    submitted_at: float | None = None
    # 12:00 of the FOC date where the westernmost number is.
    activates_at: float | None = None
    activated_at: float | None = None
    lead: float = 0.0
    skipped: float = 0.0
    rejection: dict[str, Any] | None = None
    cancel_reason: str | None = None
    jobs: int = 0
    job: Job | None = None
    # Of its webhooks; the contract's `sequence`.
    sequence: int = 0
    rows: dict[str, Row] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, Any]:
        """What the store keeps of a project; its rows are kept one by one."""
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        del kept["rows"]
        return {**kept, "job": self.job and asdict(self.job)}

    @classmethod
    def from_json(cls, kept: dict[str, Any], rows: dict[str, Row]) -> "Project":
        """The project that `as_json` described, with these rows."""
        job = kept["job"] and Job(**kept["job"])
        status = PortStatus(kept["status"])
        return cls(**{**kept, "job": job, "status": status, "rows": rows})
