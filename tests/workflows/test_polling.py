"""The poller: one for each project, honest about what it does not know, and never failing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from db import operations, seed
from db.tables import Operation, PortProject
from numbering.actors import Scope
from numbering.porting import PortStatus
from tests.workflows.carried_ports import numbers, ordered, uploaded
from tests.workflows.rig import Rig
from workflows import port_polling, sweeper
from workflows.leases import LeaseLost
from workflows.timings import Timings
from workflows.wiring import PortLimits


async def test_a_validation_is_watched_to_its_end(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(100))
    for _ in range(20):
        await rig.settle_due()
        if (await port.row())["status"] != "VALIDATING":
            break
        await rig.advance(5)
    told = await port.progress()
    assert [event["sequence"] for event in told] == list(range(1, len(told) + 1))
    counted = [event["validatedCount"] for event in told]
    assert counted == sorted(counted)
    assert len(set(counted)) >= 4
    assert told[0]["ratePerSecond"] == pytest.approx(5, abs=1)
    assert told[0]["etaSeconds"] == pytest.approx(20, abs=5)
    assert told[-1]["status"] == "VALIDATED"
    assert told[-1]["validCount"] == told[-1]["totalCount"] == 100
    assert port.calls("/details") == 1
    (poll,) = await port.poll()
    assert poll["state"] == "SUCCEEDED"
    assert await port.notices() == ["PORT_VALIDATED"]
    await rig.check()


@pytest.mark.parametrize(
    ("age", "seconds"), [(0, 5), (59, 5), (61, 15), (599, 15), (601, 30), (86_400, 30)]
)
def test_looks_come_further_apart(age: float, seconds: float) -> None:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    project = PortProject(
        customer_id=seed.CUSTOMER_A,
        name="x",
        created_by="x",
        status=PortStatus.VALIDATING,
        status_since=now - timedelta(seconds=age),
    )
    assert port_polling.pace(project, now, 9.0, Timings()) == seconds
    project.status = PortStatus.PENDING
    assert port_polling.pace(project, now, 2.0, Timings()) == 1800


async def test_two_hundred_viewers_cost_one_look(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(50))
    for _ in range(200):
        await port.watch()
    assert len(await port.poll()) == 1
    await rig.settle_due()
    assert port.calls("/progress") == 1


@pytest.mark.parametrize(
    "fault", ["500", "502", "503", "reset_before", "reset_after", "truncated", "html", "refuse"]
)
async def test_a_carrier_that_is_away_makes_progress_stale_once(rig: Rig, fault: str) -> None:
    port = await uploaded(rig, *numbers(50))
    await rig.settle_due()
    before = await port.progress()
    await rig.sandbox.fault(fault, path="*/progress")
    for _ in range(4):
        await port.polled()
    stale = await port.progress()
    assert [event["stale"] for event in stale[len(before) :]] == [True]
    assert stale[-1]["validatedCount"] == before[-1]["validatedCount"]
    (poll,) = await port.poll()
    assert (poll["state"], poll["attempt"]) == ("WAITING", 0)
    await rig.sandbox.clear_faults()
    await port.polled()
    assert (await port.progress())[-1]["stale"] is False
    assert (await port.row())["stale"] is False


async def test_back_off_grows_while_the_carrier_is_away(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(50))
    await rig.sandbox.fault("503", path="*/progress")
    waits = []
    for _ in range(10):
        await rig.settle_due()
        (poll,) = await port.poll()
        now = await rig.owner.fetchval("SELECT ops.now()")
        waits.append(round((poll["run_at"] - now).total_seconds()))
        await rig.advance(waits[-1] + 1)
    assert waits == sorted(waits)
    assert waits[0] == pytest.approx(5, abs=1)
    assert waits[-1] == pytest.approx(300, abs=5)


async def test_our_own_limit_is_stale_only_when_it_lasts(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(2000))
    await rig.settle_due()
    await rig.sandbox.fault("429", path="*/progress", retry_after=7)
    await port.polled()
    assert (await port.row())["stale"] is False
    (poll,) = await port.poll()
    now = await rig.owner.fetchval("SELECT ops.now()")
    assert (poll["run_at"] - now).total_seconds() == pytest.approx(7, abs=1)
    await rig.advance(61)
    await port.polled()
    assert (await port.row())["stale"] is True


async def test_at_the_carrier_it_looks_every_quarter_of_an_hour(rig: Rig) -> None:
    port = await ordered(rig, *numbers(2))
    await rig.settle_due()
    looks = port.calls(port.carrier_id)
    for _ in range(4):
        await rig.advance(890)
        await rig.settle_due()
        await rig.advance(11)
        await rig.settle_due()
    assert port.calls(port.carrier_id) == looks + 4
    assert port.calls("/details") == 1


async def test_very_many_projects_share_the_looks(rig: Rig) -> None:
    one_a_day = rig.having(port_limits=PortLimits(polls_per_minute=1))
    port = await ordered(one_a_day, *numbers(1))
    await rig.owner.execute(
        "INSERT INTO ops.operation (id, kind, kind_group, subject, lane, request, sent, actor,"
        " state, run_at) SELECT gen_random_uuid(), 'PORT_POLL', 'port-poll', 'x' || n, 'BULK',"
        " '{}', '{}', '{}', 'WAITING', ops.now() + interval '9 h' FROM generate_series(1, 29) AS n"
    )
    await one_a_day.settle_due()
    poll = (await port.poll())[-1]
    now = await rig.owner.fetchval("SELECT ops.now()")
    assert (poll["run_at"] - now).total_seconds() == pytest.approx(1800, abs=30)


async def test_a_poller_that_was_lost_is_begun_again(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(2))
    await rig.owner.execute("DELETE FROM ops.operation WHERE kind = 'PORT_POLL'")
    assert (await sweeper.sweep(rig.services)).polls == 1
    assert (await sweeper.sweep(rig.services)).polls == 0
    await port.advance()
    await rig.settle_due()
    assert (await port.row())["status"] == "VALIDATED"


async def test_it_asks_nothing_of_a_project_that_the_carrier_does_not_have_yet(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(2))
    await port.write("UPDATE voice.port_projects SET carrier_id = NULL WHERE id = $1")
    calls = len(rig.sandbox.calls())
    await port.polled()
    assert len(rig.sandbox.calls()) == calls
    assert [poll["state"] for poll in await port.poll()] == ["WAITING"]


async def test_it_ends_when_there_is_nothing_to_watch_and_begins_again(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(2))
    await port.write("UPDATE voice.port_projects SET status = 'NEEDS_FIXES' WHERE id = $1")
    await port.polled()
    assert [poll["state"] for poll in await port.poll()] == ["SUCCEEDED"]
    await port.write("UPDATE voice.port_projects SET status = 'VALIDATING' WHERE id = $1")
    await port.watch()
    assert [poll["state"] for poll in await port.poll()] == ["SUCCEEDED", "QUEUED"]


async def test_a_worker_that_lost_its_lease_writes_nothing(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(50))
    (poll,) = await port.poll()

    async def claim(session: AsyncSession) -> Operation | None:
        return await operations.claim(session, poll["id"], timedelta(seconds=30))

    held = await rig.services.workshop.transact(Scope.worker(), claim)
    assert held is not None
    await rig.owner.execute("UPDATE ops.operation SET fence = fence + 1 WHERE id = $1", poll["id"])
    with pytest.raises(LeaseLost):
        await port_polling.carry(rig.services, held)
    assert await port.progress() == []
