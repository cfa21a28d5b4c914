"""voice.port_*: port projects, their numbers, documents, submissions and history."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from db.tables.columns import (
    Named,
    chosen,
    counter,
    currency,
    flag,
    key,
    moment,
    named,
    note,
    stamped,
)
from numbering.porting import PortDocumentKind, PortNumberState, PortStatus, StallKind

LIVE = "removed_at IS NULL AND state NOT IN ('ACTIVE', 'FAILED', 'CANCELLED')"
UNPUSHED = (
    "(removed_at IS NULL AND version <> pushed_version)"
    " OR (removed_at IS NOT NULL AND NOT removal_pushed)"
)
"""The carrier has to be told: of a number or its fields, or that it was removed."""


def owned() -> Any:
    """The customer whose row it is."""
    return Field(foreign_key="accounts.customers.id", ondelete="RESTRICT")


def amount() -> Any:
    """Money that is not known before the submission."""
    return Field(default=None, sa_type=Numeric(10, 4))


def count() -> Any:
    """A number of numbers."""
    return Field(default=0, sa_column_kwargs={"server_default": text("0")})


def sealed() -> Any:
    """Bytes that only `db.vault` opens."""
    return Field(default=None, sa_type=LargeBinary)


class PortProject(SQLModel, table=True):
    """Numbers that move together from another carrier to us."""

    __tablename__ = "port_projects"
    __table_args__ = (
        Index("port_projects_of_customer", "customer_id", "created_at", "id"),
        Index("port_projects_by_created_at", "created_at", "id"),
        Index(
            "port_projects_open",
            "updated_at",
            postgresql_where=text("status NOT IN ('COMPLETE', 'CANCELLED')"),
        ),
        Index(
            "port_projects_stalled",
            "stall_since",
            "id",
            postgresql_where=text("stall_kind IS NOT NULL"),
        ),
        {"schema": "voice"},
    )

    id: UUID = key()
    customer_id: UUID = owned()
    name: str
    description: str | None = None
    status: PortStatus = named(PortStatus, PortStatus.DRAFT)
    status_since: datetime = stamped()
    losing_carrier: str | None = None
    authorized_person: str | None = None
    authorized_title: str | None = None
    requested_foc_date: date | None = None
    foc_date: date | None = None
    rush: bool = flag()
    attempt: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    carrier_id: str | None = Field(default=None, unique=True)
    lsr_id: str | None = None
    job_id: str | None = None
    # What the carrier should know of the fields, and what it has been told: equal means in step.
    version: int = counter(1)
    pushed_version: int = counter(0)
    # {"kind": "SUBMIT", "foc_date": …} and the like: asked for, and no operation has done it yet.
    wanted: dict[str, Any] | None = note()
    rejection: dict[str, Any] | None = note()
    checked_total: int = count()
    checked_count: int = count()
    checked_errors: int = count()
    checked_rate: float | None = None
    checked_at: datetime | None = moment()
    stale: bool = flag()
    # The last numbers of the streams port:<id> and port-progress:<id>.
    sequence: int = counter(0)
    progress_sequence: int = counter(0)
    stall_kind: StallKind | None = Field(default=None, sa_type=Named(StallKind))
    stall_since: datetime | None = moment()
    fee: Decimal | None = amount()
    rush_fee: Decimal | None = amount()
    currency: str = currency()
    created_by: str
    created_at: datetime = stamped()
    updated_at: datetime = stamped()
    submitted_at: datetime | None = moment()
    completed_at: datetime | None = moment()


class PortAttempt(SQLModel, table=True):
    """One submission: which LSR was which attempt, and how it ended (decisions 28)."""

    __tablename__ = "port_attempts"
    __table_args__ = (
        Index("port_attempts_by_lsr", "lsr_id"),
        Index("port_attempts_of_customer", "customer_id"),
        {"schema": "voice"},
    )

    project_id: UUID = Field(primary_key=True, foreign_key="voice.port_projects.id")
    attempt: int = Field(primary_key=True)
    customer_id: UUID = owned()
    lsr_id: str | None = None
    foc_date: date | None = None
    submitted_at: datetime = stamped()
    ended_as: PortStatus | None = Field(default=None, sa_type=Named(PortStatus))
    rejection: dict[str, Any] | None = note()


class PortNumber(SQLModel, table=True):
    """One number of a project. PIN and account number are sealed, and never read by a gateway."""

    __tablename__ = "port_numbers"
    __table_args__ = (
        Index(
            "port_numbers_live", "customer_id", "number", unique=True, postgresql_where=text(LIVE)
        ),
        Index(
            "port_numbers_submitted",
            "number",
            unique=True,
            postgresql_where=text("submitting OR state = 'SUBMITTED'"),
        ),
        Index("port_numbers_of_project", "project_id", "number", "id"),
        Index("port_numbers_by_number", "number"),
        Index("port_numbers_unpushed", "project_id", postgresql_where=text(UNPUSHED)),
        {"schema": "voice"},
    )

    id: UUID = key()
    project_id: UUID = Field(foreign_key="voice.port_projects.id")
    customer_id: UUID = owned()
    number: str  # E.164
    state: PortNumberState = named(PortNumberState, PortNumberState.PENDING)
    losing_carrier: str | None = None
    losing_spid: str | None = None
    btn: str | None = None  # E.164
    account_number_sealed: bytes | None = sealed()
    account_number_mask: str | None = None
    pin_sealed: bytes | None = sealed()
    notes: str | None = None
    row: int | None = None
    # A list of numbering.port_codes.NumberError.as_json(); nothing secret is in it.
    errors: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    version: int = counter(1)
    pushed_version: int = counter(0)
    removed_at: datetime | None = moment()
    removal_pushed: bool = flag()
    # Taken by a submission that the carrier has not answered yet; see port_numbers.claim.
    submitting: bool = flag()
    did_id: UUID | None = Field(default=None, foreign_key="voice.dids.id")
    activated_at: datetime | None = moment()
    updated_at: datetime = stamped()


class PortDocument(SQLModel, table=True):
    """A letter of authorization, a bill or something else; sealed, never looked into again."""

    __tablename__ = "port_documents"
    __table_args__ = (
        Index("port_documents_of_project", "project_id", "uploaded_at", "id"),
        Index("port_documents_of_customer", "customer_id"),
        {"schema": "voice"},
    )

    id: UUID = key()
    project_id: UUID = Field(foreign_key="voice.port_projects.id")
    customer_id: UUID = owned()
    kind: PortDocumentKind = chosen(PortDocumentKind)
    file_name: str
    size_bytes: int
    sha256: str
    content_sealed: bytes
    signed_by: str | None = None
    signed_on: date | None = None
    list_hash: str | None = None
    uploaded_by: str
    uploaded_by_staff: bool = flag()
    uploaded_at: datetime = stamped()


class PortEventRow(SQLModel, table=True):
    """One line of a project's history; `seq` is that of the stream port:<project>."""

    __tablename__ = "port_events"
    __table_args__ = (
        UniqueConstraint("project_id", "seq"),
        Index("port_events_of_customer", "customer_id"),
        {"schema": "voice"},
    )

    id: UUID = key()
    project_id: UUID = Field(foreign_key="voice.port_projects.id")
    customer_id: UUID = owned()
    seq: int = Field(sa_type=BigInteger)
    at: datetime = stamped()
    actor: str
    actor_is_staff: bool = flag()
    status: PortStatus | None = Field(default=None, sa_type=Named(PortStatus))
    summary: str
    number: str | None = None
    carrier_code: str | None = None


class PortComment(SQLModel, table=True):
    """What people wrote to each other about a project."""

    __tablename__ = "port_comments"
    __table_args__ = (
        Index("port_comments_of_project", "project_id", "at", "id"),
        Index("port_comments_of_customer", "customer_id"),
        {"schema": "voice"},
    )

    id: UUID = key()
    project_id: UUID = Field(foreign_key="voice.port_projects.id")
    customer_id: UUID = owned()
    at: datetime = stamped()
    author: str
    author_is_staff: bool = flag()
    text: str
