"""Pages by key, never by offset: page 5,000 costs what page 1 costs, and nothing is skipped."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, literal, tuple_

from db.rows import Key

T = TypeVar("T")


def window(
    statement: Select[Any],
    columns: Sequence[ColumnElement[Any]],
    *,
    limit: int,
    after: Key | None = None,
    before: Key | None = None,
    descending: bool = False,
    backward: bool = False,
) -> Select[Any]:
    """Sort by `columns` and cut out up to `limit` rows strictly between two keys.

    Backward takes the last ones instead of the first, and leaves them turned round: see `straight`.
    """
    place = tuple_(*columns)
    for key, follows in ((after, not descending), (before, descending)):
        if key is not None:
            bound = tuple_(*(literal(v, c.type) for v, c in zip(key, columns, strict=True)))
            statement = statement.where(place > bound if follows else place < bound)
    turned = [column.desc() if descending != backward else column.asc() for column in columns]
    return statement.order_by(*turned).limit(limit)


def straight(rows: Sequence[T], *, backward: bool) -> Sequence[T]:
    """The rows of a page in the order of the list, whichever way it was read."""
    return rows[::-1] if backward else rows
