"""ops.idempotency: the first answer to a key, kept for thirty days (decisions 17)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from db.tables.columns import note, stamped


class IdempotencyKey(SQLModel, table=True):
    """One key of one scope and mutation."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("idempotency_by_created_at", "created_at"), {"schema": "ops"})

    scope: str = Field(primary_key=True)
    mutation: str = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=255)
    customer_id: UUID | None = None
    request_hash: str
    result: dict[str, Any] | None = note()
    created_at: datetime = stamped()
