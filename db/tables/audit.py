"""ops.audit: who changed what. The application roles can append and nothing else."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from db.tables.columns import chosen, flag, key, note, stamped
from numbering.lifecycle import AuditAction


class AuditRow(SQLModel, table=True):
    """One change, numbered without gaps for each customer."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(
            "audit_sequence", "customer_id", "seq", unique=True, postgresql_nulls_not_distinct=True
        ),
        Index("audit_by_at", "at", "id"),
        Index("audit_of_customer_by_at", "customer_id", "at", "id"),
        Index("audit_of_number", "number", "at", "id", postgresql_where=text("number IS NOT NULL")),
        {"schema": "ops"},
    )

    id: UUID = key()
    customer_id: UUID | None = Field(
        default=None, foreign_key="accounts.customers.id", ondelete="RESTRICT"
    )
    seq: int = Field(sa_type=BigInteger)
    at: datetime = stamped()
    actor: str
    actor_is_staff: bool = flag()
    action: AuditAction = chosen(AuditAction)
    number: str | None = None
    before: dict[str, Any] | None = note()
    after: dict[str, Any] | None = note()
    reason: str | None = None
    request_id: str | None = None
    operation_id: UUID | None = None
