"""Signs of life: a worker gives one every few seconds; readiness and metrics look for them.

Real time, not `ops.now()`: a test that moves the deadlines does not make a worker silent.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

_GIVE = text("""
    INSERT INTO ops.sign (process) VALUES (:process)
    ON CONFLICT (process) DO UPDATE SET seen_at = clock_timestamp()
""")
_FORGET = text("DELETE FROM ops.sign WHERE seen_at < clock_timestamp() - interval '1 day'")
_NEWEST = text("SELECT extract(epoch FROM clock_timestamp() - max(seen_at))::float8 FROM ops.sign")


async def give(session: AsyncSession, process: str) -> None:
    """Say that `process` lives; forgets processes silent for a day."""
    await session.execute(_GIVE, {"process": process})
    await session.execute(_FORGET)


async def newest(connection: AsyncConnection) -> float | None:
    """Seconds since any worker gave a sign; None when none ever did."""
    age: float | None = (await connection.execute(_NEWEST)).scalar()
    return age
