"""ops.notice, the outbox of e-mails, and what each customer wants to be told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Index, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from db.tables.columns import Named, chosen, document, flag, key, moment, stamped
from numbering.notices import NoticeKind


class Notice(SQLModel, table=True):
    """One e-mail to one recipient about one occasion; a NOTICE operation sends it."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("occasion", "recipient"),
        Index("notice_of_customer", "customer_id", "created_at"),
        Index("notice_unsent", "created_at", postgresql_where=text("sent_at IS NULL")),
        {"schema": "ops"},
    )

    id: UUID = key()
    customer_id: UUID = Field(foreign_key="accounts.customers.id", ondelete="RESTRICT")
    kind: NoticeKind = chosen(NoticeKind)
    occasion: str  # unique name of what happened, e.g. port-complete:<project>:<attempt>
    recipient: str
    facts: dict[str, Any] = document()
    created_at: datetime = stamped()
    sent_at: datetime | None = moment()
    sends: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class NoticePreference(SQLModel, table=True):
    """Whether and to whom a kind of notice goes; no row: yes, to the customer's address."""

    __tablename__ = "notice_preferences"
    __table_args__ = ({"schema": "accounts"},)

    customer_id: UUID = Field(
        primary_key=True, foreign_key="accounts.customers.id", ondelete="RESTRICT"
    )
    kind: NoticeKind = Field(primary_key=True, sa_type=Named(NoticeKind))
    enabled: bool = flag(default=True)
    recipients: list[str] = Field(
        default_factory=list,
        sa_type=ARRAY(String),
        sa_column_kwargs={"server_default": text("'{}'")},
    )
