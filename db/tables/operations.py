"""ops.operation: one row for one intent on one subject. It is the saga's state and the lock."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from db.tables.columns import chosen, counter, document, key, moment, named, note, stamped
from numbering.lanes import Lane
from numbering.lifecycle import OperationKind, OperationState

LIVE = "state NOT IN ('SUCCEEDED', 'FAILED')"
WATCHED = "kind = 'NUMBER_ASSIGN' AND state IN ('SUCCEEDED', 'FAILED') AND sent <> '{}'"
"""Assigns that ended and left a mark: what was sent may still be applied (reliability.md 4.1)."""


class Operation(SQLModel, table=True):
    """Something that has to happen at the carrier, and how far it came (reliability.md 1.5)."""

    __tablename__ = "operation"
    __table_args__ = (
        Index(
            "operation_live_subject",
            "kind_group",
            "subject",
            unique=True,
            postgresql_where=text(LIVE),
        ),
        Index("operation_due", "run_at", postgresql_where=text(LIVE)),
        Index("operation_of_customer", "customer_id", "lane", postgresql_where=text(LIVE)),
        Index("operation_watched", "run_at", postgresql_where=text(WATCHED)),
        Index("operation_of_parent", "parent_id"),
        Index("operation_by_subject", "subject", "created_at"),
        {"schema": "ops"},
    )

    id: UUID = key()
    customer_id: UUID | None = Field(
        default=None, foreign_key="accounts.customers.id", ondelete="RESTRICT"
    )
    kind: OperationKind = chosen(OperationKind)
    kind_group: str
    subject: str
    lane: Lane = chosen(Lane)
    state: OperationState = named(OperationState, OperationState.QUEUED)
    priority: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    run_at: datetime = stamped()
    deadline: datetime | None = moment()
    # Grows with every claim: 0 rows updated under a fence means the lease is lost, stop silently.
    fence: int = counter(0)
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    step: str | None = None
    sent: dict[str, Any] = document()  # step -> when its call may have left the building
    lease_until: datetime | None = moment()
    last_error: str | None = None
    request: dict[str, Any] = document()
    result: dict[str, Any] | None = note()
    error: dict[str, Any] | None = note()
    parent_id: UUID | None = None
    actor: dict[str, Any] = document()
    request_id: str | None = None
    trace_ctx: str | None = None
    # The last sequence of the stream operation:<id>.
    sequence: int = counter(0)
    created_at: datetime = stamped()
    updated_at: datetime = stamped()
    finished_at: datetime | None = moment()
