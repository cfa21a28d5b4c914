"""Reading customers, and what they have in numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, bindparam, func, or_, select, text

from db import keyset
from db.rows import Key, by_key, keyed, rows_as, table_of
from db.tables import Customer
from db.tenancy import Reader

_T = table_of(Customer)
_BY_ID = keyed(Customer)
_SUMMARY = text("""
    SELECT w.id, d.total, d.active, d.porting, d.releasing, d.sms_enabled, d.unrouted, h.held,
      d.monthly_total, d.currency
    FROM unnest(:ids) AS w (id)
    CROSS JOIN LATERAL (
      SELECT count(*) AS total,
        count(*) FILTER (WHERE status = 'ACTIVE') AS active,
        count(*) FILTER (WHERE status = 'PORTING') AS porting,
        count(*) FILTER (WHERE status = 'RELEASING') AS releasing,
        count(*) FILTER (WHERE sms_enabled) AS sms_enabled,
        count(*) FILTER (WHERE routing_type = 'NONE') AS unrouted,
        coalesce(sum(monthly_cost), 0) AS monthly_total,
        coalesce(max(currency), 'USD') AS currency
      FROM voice.dids WHERE customer_id = w.id AND status <> 'DISCONNECTED') AS d
    CROSS JOIN LATERAL (
      SELECT count(*) AS held FROM voice.reservation_items
      WHERE customer_id = w.id AND state IN ('PENDING', 'HELD', 'ASSIGNING', 'PENDING_CONFIRMATION')
        AND NOT (state = 'HELD' AND expires_at <= ops.now())) AS h
""").bindparams(bindparam("ids", type_=ARRAY(Uuid)))


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over a customer's live numbers, and what they cost a month."""

    total: int = 0
    active: int = 0
    porting: int = 0
    releasing: int = 0
    sms_enabled: int = 0
    unrouted: int = 0
    held: int = 0
    monthly_total: Decimal = Decimal(0)
    currency: str = "USD"


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, Customer]:
    """Customers by id; unknown ones and others than one's own are not there."""
    return await by_key(reader, Customer, _BY_ID, ids)


def _matching(statement: Select[Any], search: str | None) -> Select[Any]:
    if not search:
        return statement
    columns = (_T.c.name, _T.c.ban, _T.c.email)
    return statement.where(or_(*(c.icontains(search, autoescape=True) for c in columns)))


async def page(
    reader: Reader, *, search: str | None = None, after: Key | None = None, limit: int = 20
) -> Sequence[Customer]:
    """Customers by name; the key of a row is (name, id). `search` looks into name, BAN, e-mail."""
    statement = keyset.window(
        _matching(select(_T), search), (_T.c.name, _T.c.id), after=after, limit=limit
    )
    return rows_as(Customer, await reader.execute(statement))


async def count(reader: Reader, *, search: str | None = None) -> int:
    """How many customers `page` has."""
    statement = _matching(select(func.count()).select_from(_T), search)
    return int((await reader.execute(statement)).scalar_one())


async def summary(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, Summary]:
    """What each customer has, in one statement; zeros for those that are not visible."""
    found = await reader.execute(_SUMMARY, {"ids": list(ids)})
    return {
        row["id"]: Summary(**{k: v for k, v in row.items() if k != "id"})
        for row in found.mappings()
    }
