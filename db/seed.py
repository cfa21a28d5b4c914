"""The demo customers of `make run`: two of them, because tenancy shows only with a neighbour."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from db.engine import Database
from db.rows import table_of, values_of
from db.tables import Customer, E911Address, Trunk
from numbering.actors import Scope

CUSTOMER_A = UUID("0a000000-0000-7000-8000-00000000000a")
CUSTOMER_B = UUID("0b000000-0000-7000-8000-00000000000b")
TRUNK_A1 = UUID("0a000000-0000-7000-8000-0000000000a1")
TRUNK_A2 = UUID("0a000000-0000-7000-8000-0000000000a2")
TRUNK_B1 = UUID("0b000000-0000-7000-8000-0000000000b1")
ADDRESS_A = UUID("0a000000-0000-7000-8000-0000000000ad")
ADDRESS_B = UUID("0b000000-0000-7000-8000-0000000000bd")


def _rows() -> list[SQLModel]:
    return [
        Customer(
            id=CUSTOMER_A, name="Aspen Outfitters", ban="WARP-1001", email="ops@aspen.example"
        ),
        Customer(id=CUSTOMER_B, name="Boulder Dental", ban="WARP-1002", email="it@boulder.example"),
        Trunk(id=TRUNK_A1, customer_id=CUSTOMER_A, name="aspen-denver-1"),
        Trunk(id=TRUNK_A2, customer_id=CUSTOMER_A, name="aspen-dallas-1"),
        Trunk(id=TRUNK_B1, customer_id=CUSTOMER_B, name="boulder-1"),
        E911Address(
            id=ADDRESS_A,
            customer_id=CUSTOMER_A,
            label="Headquarters",
            line="1700 Lincoln St",
            city="Denver",
            state="CO",
            postal_code="80203",
            validated=True,
        ),
        E911Address(
            id=ADDRESS_B,
            customer_id=CUSTOMER_B,
            label="Practice",
            line="1777 Broadway",
            city="Boulder",
            state="CO",
            postal_code="80302",
        ),
    ]


async def write(session: AsyncSession) -> None:
    """Insert what is not there yet; customers are edited elsewhere and never reset."""
    for row in _rows():
        await session.execute(
            insert(table_of(type(row))).values(values_of(row)).on_conflict_do_nothing()
        )


async def demo(owner_url: str) -> None:
    """Seed a database; as the owner, because the application roles cannot make customers."""
    database = Database.connect(owner_url, pool_size=1, application_name="warp-seed")
    try:
        async with database.write(Scope.staff()) as session:
            await write(session)
    finally:
        await database.close()
