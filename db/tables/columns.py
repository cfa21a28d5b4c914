"""How our kinds of columns are spelled, so that the tables read like a list of names.

Rows are not validated by SQLModel: values are parsed at the doors and constrained in the database.
"""

from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

from db.ids import new_id

E = TypeVar("E", bound=StrEnum)

MOMENT = DateTime(timezone=True)


class Named(TypeDecorator[E], Generic[E]):
    """A text column that speaks one enum, so that no status is ever compared as a string."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """Refuse a value that the enum does not have: ValueError."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> E | None:
        """The member of that name."""
        return None if value is None else self.kind(value)


def key() -> Any:
    """The primary key."""
    return Field(default_factory=new_id, primary_key=True)


def named(kind: type[StrEnum], default: StrEnum) -> Any:
    """A column of one enum that starts at `default`."""
    start = text(f"'{default.value}'")
    return Field(default=default, sa_type=Named(kind), sa_column_kwargs={"server_default": start})


def chosen(kind: type[StrEnum]) -> Any:
    """A column of one enum that whoever makes the row has to choose."""
    return Field(sa_type=Named(kind))


def stamped() -> Any:
    """A moment that the database fills in with `ops.now()` when the row is made."""
    return Field(
        default=None,
        sa_type=MOMENT,
        nullable=False,
        sa_column_kwargs={"server_default": text("ops.now()")},
    )


def moment() -> Any:
    """A moment that may not have come yet; aware, UTC."""
    return Field(default=None, sa_type=MOMENT)


def flag(*, default: bool = False) -> Any:
    """Yes or no."""
    start = text("true" if default else "false")
    return Field(default=default, sa_column_kwargs={"server_default": start})


def counter(start: int) -> Any:
    """A whole number that only grows."""
    return Field(
        default=start, sa_type=BigInteger, sa_column_kwargs={"server_default": text(str(start))}
    )


def price() -> Any:
    """An amount of money with four decimals, as the price list has it."""
    return Field(sa_type=Numeric(10, 4))


def currency() -> Any:
    """An ISO 4217 code."""
    return Field(default="USD", sa_column_kwargs={"server_default": text("'USD'")})


def document() -> Any:
    """A JSON object; empty until somebody fills it."""
    return Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )


def note() -> Any:
    """A JSON object that may be absent."""
    return Field(default=None, sa_type=JSONB(none_as_null=True))
