"""The upstream budget: one row for a token, one row for each call a window has room for."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, text
from sqlmodel import Field, SQLModel


class Token(SQLModel, table=True):
    """A carrier token: its limit, its penalties and the breaker that all processes share."""

    __tablename__ = "token"
    __table_args__ = (
        CheckConstraint("limit_per_minute > 0", name="token_limit_positive"),
        CheckConstraint(
            "slots_in_use BETWEEN 1 AND limit_per_minute", name="token_slots_within_limit"
        ),
        CheckConstraint("breaker IN ('CLOSED', 'OPEN', 'HALF_OPEN')", name="token_breaker_known"),
        {"schema": "ops"},
    )

    name: str = Field(primary_key=True)
    limit_per_minute: int
    # Fewer than the limit after a 429 (AIMD); grows back by one for each window.
    slots_in_use: int
    restored_at: datetime = Field(
        sa_column=Column(
            DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")
        )
    )
    blocked_until: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    throttles: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    # Bulk and sweep share one pace: no two background calls closer than window / limit.
    paced_until: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    breaker: str = Field(default="CLOSED", sa_column_kwargs={"server_default": text("'CLOSED'")})
    consecutive_failures: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    # The last twenty outcomes, oldest first: '1' failed, '0' did not.
    recent: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    opened_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    open_until: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    # The lease of the one call that a half-open breaker let through, and how long we wait for it.
    probe_lease: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    probe_until: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    leases: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )


class Slot(SQLModel, table=True):
    """Room for one call in any sliding window: taken until `free_at`."""

    __tablename__ = "slot"
    # Updated in place all day long: room on the page keeps those updates HOT.
    __table_args__ = {"schema": "ops", "postgresql_with": {"fillfactor": 50}}

    token: str = Field(primary_key=True, foreign_key="ops.token.name")
    n: int = Field(primary_key=True)
    free_at: datetime = Field(
        sa_column=Column(
            DateTime(timezone=True), nullable=False, server_default=text("'-infinity'")
        )
    )
    # Granted and not settled yet: when it will be free is a guess until then.
    held: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    # Which grant holds the slot, so that a late settlement never touches somebody else's.
    lease: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
