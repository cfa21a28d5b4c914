"""The clock that deadlines go by."""

from datetime import datetime

from resolvers.batches import present
from resolvers.context import Context


async def server_time(ctx: Context) -> datetime:
    """One moment for the whole operation, so that countdowns in one answer agree."""
    return present(await ctx.loaders.clock.load("now"))
