"""The clock that deadlines go by."""

from datetime import datetime

from resolvers.context import Context
from resolvers.loaders import present


async def server_time(ctx: Context) -> datetime:
    """One moment for the whole operation, so that countdowns in one answer agree."""
    return present(await ctx.loaders.clock.load("now"))
