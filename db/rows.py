"""Rows in and out of Core statements.

Lists and loaders read with Core, measured four times faster than ORM entities (reliability.md 5.1).
What they return are SQLAlchemy rows, read by the attribute names of their table's class; the type
says which names there are. They are immutable: read them, compare them, do not assign to them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Result,
    Select,
    Table,
    any_,
    bindparam,
    literal_column,
    select,
)
from sqlmodel import SQLModel

from db.tenancy import Reader

R = TypeVar("R", bound=SQLModel)
Key = tuple[Any, Any]
"""A place in a sorted list: the value sorted by, and the id that decides between equals."""


def table_of(kind: type[SQLModel]) -> Table:
    """The table behind a row class."""
    return cast("Table", kind.__dict__["__table__"])


def values_of(row: SQLModel) -> dict[str, Any]:
    """What to insert for a new row: what it leaves to the database is left out."""
    return {
        column.name: value
        for column in table_of(type(row)).columns
        if not column.computed
        and ((value := getattr(row, column.name)) is not None or not column.server_default)
    }


def rows_as(kind: type[R], result: Result[Any]) -> Sequence[R]:
    """All rows of a statement that selects the columns of `kind`."""
    del kind
    return cast("Sequence[R]", result.all())


def row_as(kind: type[R], result: Result[Any]) -> R | None:
    """The one row of a statement, or None."""
    del kind
    return cast("R | None", result.one_or_none())


def constants(members: Iterable[StrEnum]) -> list[ColumnElement[Any]]:
    """Members as constants of a statement: a partial index is used only when the planner sees them.

    A parameter would hide from it that the rows asked for are all in the index.
    """
    return [literal_column(f"'{member.value}'") for member in sorted(members)]


def keyed(kind: type[SQLModel], column: str = "id") -> Select[Any]:
    """Select by a list of keys, given as `keys`: one text for any number of them."""
    table = table_of(kind)
    key = table.c[column]
    return select(table).where(key == any_(bindparam("keys", type_=ARRAY(key.type))))


async def by_key(
    reader: Reader, kind: type[R], statement: Select[Any], keys: Collection[Any], key: str = "id"
) -> Mapping[Any, R]:
    """Run a `keyed` statement; the rows that were found, by their key."""
    found = rows_as(kind, await reader.execute(statement, {"keys": list(keys)}))
    return {getattr(row, key): row for row in found}


async def grouped(
    reader: Reader, kind: type[R], statement: Select[Any], keys: Collection[Any], key: str
) -> Mapping[Any, Sequence[R]]:
    """Run a `keyed` statement of which a key has several rows; a key without rows is not there."""
    groups: dict[Any, list[R]] = {}
    for row in rows_as(kind, await reader.execute(statement, {"keys": list(keys)})):
        groups.setdefault(getattr(row, key), []).append(row)
    return groups
