"""The clock that deadlines go by (decisions 16)."""

from datetime import datetime

from sqlalchemy import func, select

from db.tenancy import Reader

_NOW = select(func.ops.now())


async def now(reader: Reader) -> datetime:
    """The moment, aware; dev and tests may have shifted it."""
    moment: datetime = (await reader.execute(_NOW)).scalar_one()
    return moment
