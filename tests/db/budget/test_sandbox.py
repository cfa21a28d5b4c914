"""Slots, client and carrier together, minutes long in virtual time: the carrier never says 429."""

import random
from collections.abc import AsyncIterator

import httpx
import pytest

from numbering.lanes import Lane
from numbering.telephone import TelephoneNumber
from teliport import errors
from teliport.client import Teliport
from teliport.sandbox.config import SandboxConfig
from tests.kit.paces import FOREVER, MakePace, VirtualTime
from tests.kit.sandbox import Sandbox, sandbox


class Distance(httpx.AsyncBaseTransport):
    """A network with up to a second of jitter each way."""

    def __init__(self, near: httpx.AsyncBaseTransport, clock: VirtualTime, seed: int) -> None:
        self._near, self._clock, self._chance = near, clock, random.Random(seed)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._clock.sleep(self._chance.random())
        response = await self._near.handle_async_request(request)
        await self._clock.sleep(self._chance.random())
        return response


@pytest.fixture
async def carrier(clock: VirtualTime) -> AsyncIterator[Sandbox]:
    async with sandbox(SandboxConfig(rate_limit=100), timer=lambda: clock.now) as opened:
        yield opened


async def test_a_greedy_platform_never_sees_a_429(
    carrier: Sandbox, clock: VirtualTime, make: MakePace
) -> None:
    end, waits = 180.0, list[float]()

    def client(seed: int) -> Teliport:
        chance = random.Random(seed)
        pace = make(100, jitter=chance.random)
        transport = Distance(carrier.transport, clock, seed)
        return Teliport(
            carrier.url, carrier.token, "567G", pace=pace, guard=lambda: None, transport=transport
        )

    async def worker(seed: int) -> None:
        inventory = client(seed).inventory
        for tn in map(TelephoneNumber.from_national, carrier.available("303", 200)[seed::4]):
            await inventory.get(tn, lane=Lane.BULK, wait=FOREVER)
            await inventory.reserve(tn, "WARP-1", lane=Lane.BULK, wait=FOREVER)
            await inventory.assign(tn, {}, lane=Lane.BULK, wait=FOREVER)
            if clock.now > end:
                return

    async def person(seed: int) -> None:
        inventory = client(seed).inventory
        while clock.now < end:
            asked = clock.now
            await inventory.search('npa = "303"', size=1)
            waits.append(clock.now - asked)
            await clock.sleep(8)

    await clock.run(*(worker(seed) for seed in range(4)), person(99))
    calls = carrier.calls()
    assert {call["status"] for call in calls} == {200}
    assert len(calls) >= 0.9 * 90 * 3
    # The network's two seconds at most, and no queue.
    assert max(waits) < 2
    assert len(waits) > 15


async def test_a_stranger_on_our_token_costs_patience_and_no_storm(
    carrier: Sandbox, clock: VirtualTime, make: MakePace
) -> None:
    end, refused, done = 300.0, 0, 0
    tn = TelephoneNumber.from_national(carrier.available("303", 1)[0])

    async def stranger() -> None:
        async with carrier.client() as http:
            while clock.now < end:
                await http.get("/inventory/summary", params={"spid": "567G"})
                await clock.sleep(2)

    async def ours() -> None:
        nonlocal refused, done
        pace = make(100)
        client = Teliport(
            carrier.url,
            carrier.token,
            "567G",
            pace=pace,
            guard=lambda: None,
            transport=carrier.transport,
        )
        while clock.now < end:
            try:
                await client.inventory.get(tn, lane=Lane.BULK, wait=FOREVER)
                done += 1
            except errors.RateLimited:
                refused += 1

    await clock.run(stranger(), ours())
    # 30 a minute are the stranger's, so 70 are left; one call a minute or so finds that out.
    assert refused <= 6
    assert done >= 0.8 * 70 * 4
