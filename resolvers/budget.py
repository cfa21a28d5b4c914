"""How much of the carrier's allowance is used; for staff."""

from dataclasses import dataclass

from db import standing
from db.budget import BudgetSnapshot
from numbering.actors import Permission
from numbering.lanes import Lane
from numbering.pace import BudgetUnavailable
from resolvers.access import readable
from resolvers.context import Context
from resolvers.rejections import Rejection, RejectionCode


@dataclass(frozen=True)
class Usage:
    """The slots of the shared token, and what waits for them."""

    slots: BudgetSnapshot
    waiting_interactive: int
    waiting_bulk: int


async def usage(ctx: Context) -> Usage:
    """Now. Raises SERVICE_UNAVAILABLE in a process that calls the carrier without a budget."""
    scope = readable(ctx, Permission.STAFF)
    if ctx.services.budget is None:
        raise Rejection(
            RejectionCode.SERVICE_UNAVAILABLE, "This process shares no budget of requests."
        )
    try:
        slots = await ctx.services.budget.snapshot()
    except BudgetUnavailable:
        raise Rejection(
            RejectionCode.SERVICE_UNAVAILABLE, "The budget cannot be read right now."
        ) from None
    async with ctx.services.database.read(scope) as conn:
        waiting = await standing.waiting(conn)
    interactive = waiting.get(Lane.INTERACTIVE, 0)
    return Usage(slots, interactive, sum(waiting.values()) - interactive)
