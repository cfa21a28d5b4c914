"""The database's time: the only clock that deadlines are compared with (decisions 16)."""

from datetime import datetime

from sqlalchemy import func, select

from db.tenancy import Reader


async def now(reader: Reader) -> datetime:
    """`ops.now()`, aware, UTC."""
    moment: datetime = (await reader.execute(select(func.ops.now()))).scalar_one()
    return moment
