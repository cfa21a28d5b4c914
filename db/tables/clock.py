"""ops.clock: how far `ops.now()` stands from the wall clock; zero, except in dev and tests."""

from datetime import timedelta

from sqlalchemy import CheckConstraint, Interval, text
from sqlmodel import Field, SQLModel


class Clock(SQLModel, table=True):
    """The one row. The application roles may read it and not write it (decisions 16)."""

    __tablename__ = "clock"
    __table_args__ = (CheckConstraint("one", name="clock_one_row"), {"schema": "ops"})

    one: bool = Field(
        default=True, primary_key=True, sa_column_kwargs={"server_default": text("true")}
    )
    shift: timedelta = Field(
        default=timedelta(0),
        sa_type=Interval,
        sa_column_kwargs={"server_default": text("interval '0'")},
    )
