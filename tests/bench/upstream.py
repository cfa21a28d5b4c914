"""What each operation costs at the carrier, beside what the plan's own loops would cost.

The plan's figures are counted from its text (Workflow 1, drift dashboard): one call a number and
step, one GET a row for live records, no cache, no single flight.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from db.roles import Urls
from tests.bench.ground import table
from tests.kit.stack import Stack, running

SEARCH = "query S($i: InventorySearch!) { searchInventory(input: $i) { nodes { number } } }"
RESERVE = """mutation($i: ReserveNumbersInput!) { reserveNumbers(input: $i) {
  reservation { id items { number state } } errors { message } } }"""
ASSIGN = """mutation($i: AssignReservationInput!) { assignReservation(input: $i) {
  dids { id number } errors { message } } }"""
UPDATE = """mutation($i: UpdateDidsInput!) { updateDids(input: $i) {
  dids { id inSync } errors { message } } }"""
RELEASE = """mutation($i: ReleaseDidsInput!) { releaseDids(input: $i) {
  dids { id status } errors { message } } }"""
PAGE = "{ dids(first: 100) { nodes { id carrier { record { status } unavailable } } } }"

Step = Callable[[], Awaitable[dict[str, Any]]]


async def run(urls: Urls) -> None:
    """Count the calls of each step of the story and print the table."""
    async with running(urls) as stack:
        rows = [[name, str(calls), plan] for name, calls, plan in await counted(stack)]
    table("Carrier calls by operation", ["operation", "ours", "the plan's loops"], rows)


async def counted(stack: Stack) -> list[tuple[str, int, str]]:
    """Do the story once, with five numbers, and count."""
    found: list[tuple[str, int, str]] = []

    async def step(name: str, plan: str, work: Awaitable[dict[str, Any]]) -> dict[str, Any]:
        before = len(stack.sandbox.calls())
        answer = await work
        found.append((name, len(stack.sandbox.calls()) - before, plan))
        return answer

    asked = {"i": {"npas": ["303"], "endsWith": "1"}}
    first = await step("search", "1", stack.data(SEARCH, asked))
    numbers = [node["number"] for node in first["searchInventory"]["nodes"][:5]]
    await step("the same search again", "1", stack.data(SEARCH, asked))
    other = {"i": {"npas": ["720"], "endsWith": "2"}}
    await step("100 identical searches at once", "100", crowd(stack, other))
    held = await step(
        "hold 5 numbers",
        "5",
        stack.data(RESERVE, {"i": {"numbers": numbers, "idempotencyKey": "bench-hold"}}),
    )
    reservation = held["reserveNumbers"]["reservation"]["id"]
    key = {"reservationId": reservation, "idempotencyKey": "bench-assign"}
    bought = await step("assign 5 numbers", "5", stack.data(ASSIGN, {"i": key}))
    await step("the same assign again", "5", stack.data(ASSIGN, {"i": key}))
    ids = [did["id"] for did in bought["assignReservation"]["dids"]]
    await step("a page with live carrier records", "1 a number", stack.data(PAGE))
    changed = {"didIds": ids, "changes": {"cnam": "BENCH"}, "idempotencyKey": "bench-update"}
    await step("configure 5 numbers", "5", stack.data(UPDATE, {"i": changed}))
    given = {"didIds": ids, "reason": "bench", "idempotencyKey": "bench-release"}
    await step("release 5 numbers", "5", stack.data(RELEASE, {"i": given}))
    return found


async def crowd(stack: Stack, asked: dict[str, Any]) -> dict[str, Any]:
    """A hundred portals ask the same thing in the same moment."""
    answers = await asyncio.gather(*(stack.data(SEARCH, asked) for _ in range(100)))
    return answers[0]
