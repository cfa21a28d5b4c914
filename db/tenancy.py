"""Whose rows a transaction sees: the settings that row-level security reads, and the one filter.

The policies (migrations/sql/tenancy.sql) are the wall; without a setting they show no row at all.
`narrow` repeats the customer as a plain condition, because only that lets the planner use an index
that begins with the customer.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from numbering.actors import Scope

Reader = AsyncConnection | AsyncSession
"""What the query modules read from: the connection of `read()` or the session of `write()`."""

_APPLY = text(
    "SELECT set_config('app.scope', :kind, true), set_config('app.customer_id', :customer, true)"
)
_SCOPE = "warp.scope"


def begin_read(scope: Scope) -> str:
    """One trip to the server that begins a read-only transaction in its scope.

    Both values are ours by type, an enum's and a UUID's: nothing of anybody's text is in them.
    """
    return (
        f"BEGIN READ ONLY; SET LOCAL app.scope = '{scope.kind.value}';"
        f" SET LOCAL app.customer_id = '{scope.customer_id or ''}'"
    )


async def apply(reader: Reader, scope: Scope) -> None:
    """Set the scope for the transaction that has just begun; it ends with it."""
    await reader.execute(
        _APPLY, {"kind": scope.kind.value, "customer": str(scope.customer_id or "")}
    )
    remember(reader, scope)


def remember(reader: Reader, scope: Scope) -> None:
    """Tell `scope_of` about a scope that is in force already."""
    reader.info[_SCOPE] = scope


def scope_of(reader: Reader) -> Scope:
    """The scope of the transaction under way."""
    scope: Scope = reader.info[_SCOPE]
    return scope


def narrow(reader: Reader, select: Select[Any], column: ColumnElement[Any]) -> Select[Any]:
    """The statement, limited to the customer of the scope if the scope is one customer's."""
    customer_id = scope_of(reader).customer_id
    return select if customer_id is None else select.where(column == customer_id)
