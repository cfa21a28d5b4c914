"""Reading emergency addresses."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from db.rows import by_key, grouped, keyed, table_of
from db.tables import E911Address
from db.tenancy import Reader

_BY_ID = keyed(E911Address)
_OF_CUSTOMERS = keyed(E911Address, "customer_id").order_by(table_of(E911Address).c.label)


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, E911Address]:
    """Addresses by id; unknown ones and those of others are not there."""
    return await by_key(reader, E911Address, _BY_ID, ids)


async def of_customers(
    reader: Reader, ids: Collection[UUID]
) -> Mapping[UUID, Sequence[E911Address]]:
    """Each customer's addresses, by label."""
    return await grouped(reader, E911Address, _OF_CUSTOMERS, ids, "customer_id")
