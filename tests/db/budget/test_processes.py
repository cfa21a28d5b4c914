"""The rate slots with real processes and the real clock, the minute scaled to a second."""

import asyncio
import json
import sys
from pathlib import Path

import asyncpg
import pytest

from db import roles
from tests.kit.paces import Meter

ROOT = Path(__file__).parents[3]
LIMIT, WINDOW, SECONDS = 40, 1.0, 4.0


async def greedy(url: str) -> list[float]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kit.greedy", url),
        *map(str, (LIMIT, WINDOW, SECONDS)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    arrivals: list[float] = json.loads(said)
    return arrivals


@pytest.mark.processes
async def test_three_greedy_processes_together_stay_within_the_limit(
    budget_urls: roles.Urls, budget_owner: asyncpg.Connection
) -> None:
    meter = Meter()
    for arrivals in await asyncio.gather(*(greedy(budget_urls.app) for _ in range(3))):
        assert arrivals
        meter.arrivals += arrivals
    assert meter.busiest(WINDOW) <= LIMIT
    # Their share is 30 a window; the true rate is measured in virtual time.
    start = min(meter.arrivals) + WINDOW
    assert meter.between(start, start + 2 * WINDOW) >= 0.5 * 30 * 2
