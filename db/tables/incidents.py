"""ops.incident: what a person has to look at (decisions 18)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from db.tables.columns import key, moment, named, stamped
from numbering.lifecycle import IncidentState


class Incident(SQLModel, table=True):
    """A dead letter with a face. At most one open incident for each operation."""

    __tablename__ = "incident"
    __table_args__ = (
        Index(
            "incident_open_operation",
            "operation_id",
            unique=True,
            postgresql_where=text("state <> 'RESOLVED'"),
        ),
        Index("incident_by_opened_at", "opened_at", "id"),
        {"schema": "ops"},
    )

    id: UUID = key()
    operation_id: UUID | None = Field(default=None, foreign_key="ops.operation.id")
    customer_id: UUID | None = Field(
        default=None, foreign_key="accounts.customers.id", ondelete="RESTRICT"
    )
    number: str | None = None
    summary: str
    last_error: str | None = None
    opened_at: datetime = stamped()
    state: IncidentState = named(IncidentState, IncidentState.OPEN)
    resolved_by: str | None = None
    resolution: str | None = None
    resolved_at: datetime | None = moment()
