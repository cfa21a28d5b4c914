"""Which days a port project can be submitted for, by the database's clock."""

from datetime import date

from db import port_numbers, tables
from numbering import foc
from numbering.actors import Permission
from numbering.foc import FocCalendar
from resolvers import clock
from resolvers.access import readable
from resolvers.context import Context
from resolvers.rejections import bad_input
from workflows import port_days

DAYS = 30
MAX_DAYS = 92


async def calendar(
    ctx: Context, project: tables.PortProject, *, start: date | None, days: int | None
) -> FocCalendar:
    """The days from `start` (today) on, for its numbers' zones and losing carriers."""
    asked = DAYS if days is None else days
    if not 1 <= asked <= MAX_DAYS:
        raise bad_input("days", f"must be between 1 and {MAX_DAYS}, not {days}.")
    async with ctx.services.database.read(readable(ctx, Permission.PORT_READ)) as conn:
        numbers, spids = await port_numbers.calendar_facts(conn, project.id)
    return foc.calendar(
        now=await clock.server_time(ctx),
        zones=port_days.zones(numbers),
        spids=spids,
        start=start,
        days=asked,
        rules=ctx.services.foc_rules,
    )
