"""A process that calls as often as the budget lets it: `python -m tests.kit.greedy URL LIMIT …`.

It prints the moments (monotonic, comparable between the processes of a machine) at which its calls
would have arrived at the carrier.
"""

import asyncio
import json
import sys
import time

import asyncpg

from db.budget import SlotPace
from numbering.lanes import Lane
from numbering.pace import Verdict


async def call(pace: SlotPace, arrivals: list[float]) -> None:
    """Make one call."""
    ticket = await pace.acquire(Lane.BULK, wait=60)
    arrivals.append(time.monotonic())
    await ticket.settle(Verdict.OK)


async def main(url: str, limit: int, window: float, seconds: float) -> None:
    """Call greedily from three tasks for so many seconds."""
    arrivals = list[float]()

    async def caller(pace: SlotPace, end: float) -> None:
        while time.monotonic() < end:
            await call(pace, arrivals)

    async with asyncpg.create_pool(url, min_size=1, max_size=4) as pool:
        pace = SlotPace(
            pool, token_name="prod", limit=limit, window_seconds=window, hold_seconds=5 * window
        )
        end = time.monotonic() + seconds
        await asyncio.gather(*(caller(pace, end) for _ in range(3)))
    sys.stdout.write(json.dumps(arrivals))


if __name__ == "__main__":
    asyncio.run(
        main(
            sys.argv[1],
            limit=int(sys.argv[2]),
            window=float(sys.argv[3]),
            seconds=float(sys.argv[4]),
        )
    )
