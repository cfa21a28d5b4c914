"""ops.webhook: the inbox of the carrier's deliveries, by their webhook-id."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from db.tables.columns import document, moment, stamped


class Webhook(SQLModel, table=True):
    """One delivery; the WEBHOOK operation beside it reads the carrier back (invariant I12)."""

    __tablename__ = "webhook"
    __table_args__ = (
        Index("webhook_by_received_at", "received_at"),
        Index("webhook_of_operation", "operation_id"),
        {"schema": "ops"},
    )

    id: str = Field(primary_key=True, max_length=255)
    type: str
    carrier_id: str | None = None
    lsr_id: str | None = None
    occurred_at: datetime | None = moment()
    body: dict[str, Any] = document()
    operation_id: UUID
    received_at: datetime = stamped()
    processed_at: datetime | None = moment()
    outcome: str | None = None
