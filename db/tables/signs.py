"""ops.sign: when each worker process was last seen alive."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Text, text
from sqlmodel import Field, SQLModel


class Sign(SQLModel, table=True):
    """One process; real time, because a moved clock makes no worker silent."""

    __tablename__ = "sign"
    __table_args__ = {"schema": "ops"}

    process: str = Field(sa_column=Column(Text, primary_key=True))
    seen_at: datetime = Field(
        sa_column=Column(
            DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")
        )
    )
