"""ops.stream and ops.event: what happened, numbered without gaps for each stream."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from db.tables.columns import counter, document, stamped


class StreamRow(SQLModel, table=True):
    """The counter of a stream; taking the next number locks it until the transaction ends."""

    __tablename__ = "stream"
    __table_args__ = {"schema": "ops"}

    id: str = Field(primary_key=True)
    customer_id: UUID | None = Field(default=None, index=True)
    last_seq: int = counter(0)


class EventRow(SQLModel, table=True):
    """One event of a stream."""

    __tablename__ = "event"
    __table_args__ = {"schema": "ops"}

    stream_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    customer_id: UUID | None = Field(default=None)
    kind: str
    payload: dict[str, Any] = document()
    at: datetime = stamped()
