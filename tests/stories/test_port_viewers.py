"""Two hundred people watch one validation: the carrier is asked as if nobody did."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any

from db import seed
from numbering.actors import Role
from tests.kit.asgi import Wire, wire
from tests.kit.stack import Stack, token
from tests.resolvers.test_ports_live import UPLOAD, begun, sheet, uploaded

SOCKETS, EACH = 10, 20
NUMBERS = [f"303441{1000 + at}" for at in range(15)]
WATCH = """subscription($id: ID!) { portValidationProgress(projectId: $id) {
  sequence status validatedCount } }"""
PROGRESS = "/progress"


async def heard(socket: Wire) -> dict[str, list[dict[str, Any]]]:
    """Everything that each subscription of a socket is sent, to its end."""
    events: dict[str, list[dict[str, Any]]] = {str(n): [] for n in range(EACH)}
    running = set(events)
    while running:
        said = await asyncio.wait_for(socket.hear(), 30)
        if said["type"] == "next":
            events[said["id"]].append(said["payload"]["data"]["portValidationProgress"])
        elif said["type"] == "complete":
            running.discard(said["id"])
        else:
            assert said["type"] == "ping", said
    return events


async def test_viewers_cost_the_carrier_nothing(stack: Stack) -> None:
    project = await begun(stack)
    async with AsyncExitStack() as opened:
        sockets = []
        for n in range(SOCKETS):
            socket = await opened.enter_async_context(wire(stack.app))
            viewer = token(Role.VIEWER, seed.CUSTOMER_A, subject=f"viewer-{n}@aspen.example")
            await socket.greet({"authorization": f"Bearer {viewer}"})
            for at in range(EACH):
                socket.subscribe(WATCH, str(at), variables={"id": project})
            sockets.append(socket)
        before = len(stack.sandbox.calls())
        began = time.monotonic()
        watching = asyncio.gather(*(heard(socket) for socket in sockets))
        await uploaded(
            stack, UPLOAD, {"projectId": project, "idempotencyKey": "u"}, sheet(*NUMBERS)
        )
        found = await watching
        elapsed = time.monotonic() - began
    streams = [events for each in found for events in each.values()]
    assert len(streams) == SOCKETS * EACH
    for events in streams:
        assert all(b["sequence"] == a["sequence"] + 1 for a, b in pairwise(events))
        assert events[-1]["status"] == "VALIDATED"
        assert events[-1]["validatedCount"] == len(NUMBERS)
    calls = stack.sandbox.calls()[before:]
    polls = sum(call["path"].endswith(PROGRESS) for call in calls)
    # As one poller looks, however many watch: once an interval.
    assert polls <= elapsed / stack.platform.services.timings.poll_first + 2
    assert polls < SOCKETS * EACH
