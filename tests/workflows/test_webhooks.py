"""Deliveries in any order, repeated, early, about nobody: all end the same (S13, I12)."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db import port_projects
from numbering.actors import Scope
from numbering.lanes import Lane
from tests.workflows.carried_ports import Port, numbers, ordered
from tests.workflows.rig import Rig
from workflows import carrier_news
from workflows.news_terms import CARRIER, News

EVENTS = ("PENDING", "CONFIRMED", "FOC_ASSIGNED", "ACTIVATING", "COMPLETE")
_END = text("""
    SELECT p.status, p.attempt, p.foc_date, p.completed_at IS NOT NULL AS completed,
      (SELECT jsonb_agg(jsonb_build_array(n.number, n.state, n.errors, n.activated_at)
         ORDER BY n.number) FROM voice.port_numbers n WHERE n.project_id = p.id) AS numbers,
      (SELECT jsonb_agg(jsonb_build_array(d.number, d.customer_id, d.ported, d.ported_from,
         d.ported_at, d.messaging_port_status, d.sms_enabled, d.monthly_cost) ORDER BY d.number)
         FROM voice.dids d WHERE d.port_project_id = p.id) AS dids
    FROM voice.port_projects p WHERE p.id = :id
""")


async def stages(port: Port) -> list[News]:
    """What the carrier says at each of the five events."""
    told = []
    for status in EVENTS:
        await port.advance(status)
        told.append(
            await carrier_news.gather(port.rig.services, port.carrier_id, lane=Lane.BULK, rows=True)
        )
    return told


@pytest.mark.parametrize("first", range(5), ids=EVENTS)
async def test_every_order_of_what_is_read_ends_the_same(rig: Rig, first: int) -> None:
    """All permutations, each event once, twice in a row, and all of them once more at the end."""
    port = await ordered(rig, *numbers(3))
    told = await stages(port)
    ends = set()

    async def work(session: AsyncSession) -> None:
        for order in itertools.permutations(range(5)):
            if order[0] != first:
                continue
            for sequence in (order, [n for n in order for _ in "ab"], order + order[::-1]):
                inner = await session.begin_nested()
                for n in sequence:
                    await _take_in(session, port, told[n])
                end = (await session.execute(_END, {"id": port.id})).one()
                ends.add(repr(tuple(end)))
                await inner.rollback()

    await rig.services.workshop.transact(Scope.worker(), work)
    (end,) = ends
    assert "COMPLETE" in end
    assert end.count("'PENDING'") == len(port.numbers)  # messaging, and nothing else


async def _take_in(session: AsyncSession, port: Port, news: News) -> None:
    project = await port_projects.locked(session, port.id)
    assert project is not None
    await carrier_news.take_in(
        session, port.rig.services, project, news, cause="test", actor=CARRIER
    )


@pytest.mark.parametrize("seed", range(6))
async def test_deliveries_in_any_order_while_the_carrier_goes_on(rig: Rig, seed: int) -> None:
    """Through the door; the carrier is somewhere on its way when each of them is processed."""
    chance = random.Random(seed)
    port = await ordered(rig, *numbers(3, "9108"))
    events = [f"{event}-{n}" for event in EVENTS for n in range(chance.randint(1, 3))]
    chance.shuffle(events)
    steps = sorted(chance.sample(range(len(events)), 5) if len(events) > 5 else range(5))
    for at, event in enumerate(events):
        if at in steps:
            await port.advance()
        if chance.random() < 0.3:
            assert await port.deliver(event, status=event.partition("-")[0])
            assert not await port.deliver(event, status=event.partition("-")[0])
        else:
            assert await port.deliver(event, status=event.partition("-")[0])
        if chance.random() < 0.7:
            await rig.settle_due()
    while rig.sandbox.port(port.carrier_id)["next"]:
        await port.advance()
    await port.deliver("last", kind="port-activated")
    await rig.settle_due()
    assert (await port.row())["status"] == "PARTIAL"
    assert await port.states() == ["ACTIVE", "ACTIVE", "FAILED"]
    assert len(await port.dids()) == 2
    await rig.quiet(horizon=600)
    await rig.check()


async def test_a_delivery_is_kept_once_and_nothing_secret_of_it(rig: Rig) -> None:
    port = await ordered(rig, *numbers(1))
    said = {"rejection": {"message": "account number 12345 does not fit"}, "status": "REJECTED"}
    assert await port.deliver("msg-1", **said)
    assert not await port.deliver("msg-1", **said)
    row = await webhook(rig, "msg-1")
    assert row["body"] == {"eventId": "msg-1", "sequence": 1, "status": "REJECTED"}
    assert row["lsr_id"] == port.lsr_id
    await rig.settle_due()
    row = await webhook(rig, "msg-1")
    assert (row["outcome"], row["processed_at"] is not None) == ("NOTHING", True)
    assert (await port.history())[-1] == (
        "The carrier reported REJECTED at 2026-11-22 12:00 UTC; nothing changed by it"
    )
    assert (await port.row())["status"] == "SUBMITTED"
    await rig.check()


async def webhook(rig: Rig, event: str) -> asyncpg.Record:
    """A delivery as it was kept."""
    row = await rig.owner.fetchrow("SELECT * FROM ops.webhook WHERE id = $1", event)
    assert row is not None
    return row


async def operation(rig: Rig) -> asyncpg.Record:
    """The only delivery's operation."""
    (row,) = await rig.owner.fetch("SELECT * FROM ops.operation WHERE kind = 'WEBHOOK'")
    return row


async def test_a_delivery_about_nobody_is_tried_for_a_day(rig: Rig) -> None:
    port = await ordered(rig, *numbers(1))
    assert await port.deliver("msg-2", project_id="unknown", status=None)
    for _ in range(400):
        await rig.settle_due()
        if (await operation(rig))["state"] == "ATTENTION":
            break
        await rig.advance(300)
    row = await operation(rig)
    assert (row["state"], row["attempt"]) == ("ATTENTION", 0)
    age = await rig.owner.fetchval("SELECT ops.now() - received_at FROM ops.webhook")
    assert timedelta(hours=24) <= age < timedelta(hours=25)
    (incident,) = await rig.incidents()
    assert "No project" in incident["summary"]


async def test_a_delivery_may_come_before_we_know_the_project(rig: Rig) -> None:
    port = await ordered(rig, *numbers(1))
    await port.write("UPDATE voice.port_projects SET carrier_id = NULL WHERE id = $1")
    await port.advance("CONFIRMED")
    assert await port.deliver("msg-3", status="CONFIRMED")
    await rig.settle_due()
    row = await operation(rig)
    assert (row["state"], row["customer_id"]) == ("WAITING", None)
    await port.write(
        "UPDATE voice.port_projects SET carrier_id = $2 WHERE id = $1", port.carrier_id
    )
    await rig.quiet(horizon=60)
    assert (await operation(rig))["state"] == "SUCCEEDED"
    assert (await port.row())["status"] == "CONFIRMED"


@pytest.mark.parametrize("path", ["*/projects/????????-*", "*/details", "*/query"])
@pytest.mark.parametrize(
    "fault", ["500", "503", "429", "reset_before", "reset_after", "truncated", "html", "refuse"]
)
async def test_every_fault_of_a_read_back_is_tried_again(rig: Rig, path: str, fault: str) -> None:
    """Row S13 of the fault matrix."""
    port = await ordered(rig, *numbers(2))
    await port.advance("COMPLETE")
    await rig.sandbox.fault(fault, path=path, times=2)
    assert await port.deliver("msg-4", kind="port-activated")
    operation_id = (await operation(rig))["id"]
    for _ in range(5):
        await rig.settle_due()
        await rig.advance(10)
    row = await rig.owner.fetchrow("SELECT * FROM ops.operation WHERE id = $1", operation_id)
    assert row is not None
    assert (row["state"], row["attempt"]) == ("SUCCEEDED", 0)
    assert len(await port.dids()) == 2
    await rig.sandbox.clear_faults()
    await rig.quiet(horizon=1000)
    await rig.check()


async def test_what_the_inventory_does_not_have_yet_is_looked_for_again(rig: Rig) -> None:
    """The order says active, the inventory is behind: a minute later it is not."""
    port = await ordered(rig, *numbers(2))
    await port.advance("COMPLETE")
    behind = str(port.numbers[0])
    number = rig.sandbox.world.inventory.number(rig.sandbox.position(behind))
    in_use, number.application_id = number.application_id, None
    assert await port.deliver("msg-5", kind="port-activated")
    await rig.settle_due()
    assert (await webhook(rig, "msg-5"))["outcome"] == "AGAIN"
    assert (await port.row())["status"] == "ACTIVATING"
    assert await port.states() == ["SUBMITTED", "ACTIVE"]
    number.application_id = in_use
    await rig.advance(61)
    await rig.settle_due()
    assert (await port.row())["status"] == "COMPLETE"
    assert len(await port.dids()) == 2
    await rig.quiet()
    await rig.check()
