"""Reading trunks."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from db.rows import by_key, grouped, keyed, table_of
from db.tables import Trunk
from db.tenancy import Reader

_BY_ID = keyed(Trunk)
_OF_CUSTOMERS = keyed(Trunk, "customer_id").order_by(table_of(Trunk).c.name)


async def by_ids(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, Trunk]:
    """Trunks by id; unknown ones and those of others are not there."""
    return await by_key(reader, Trunk, _BY_ID, ids)


async def of_customers(reader: Reader, ids: Collection[UUID]) -> Mapping[UUID, Sequence[Trunk]]:
    """Each customer's trunks, by name."""
    return await grouped(reader, Trunk, _OF_CUSTOMERS, ids, "customer_id")
