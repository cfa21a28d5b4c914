"""The engine at its edges: leases, fences, defects of our own, and a database that stumbles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from db import operations
from db.errors import DatabaseUnavailable
from numbering.actors import Scope
from numbering.telephone import TelephoneNumber
from tests.workflows.rig import Rig
from tests.workflows.test_fault_matrix import STEPS
from workflows import engine
from workflows.facts import gather
from workflows.leases import LeaseLost
from workflows.run import Run
from workflows.saga_terms import Attend, Fail, Failure, Succeed, Wait
from workflows.settling import after_defect, settle, wait

# Raises `code` once, at the first row that the table gets.
_STUMBLE = """
CREATE SEQUENCE ops.stumbles;
CREATE FUNCTION ops.stumble() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF nextval('ops.stumbles') <= {times} THEN
    RAISE EXCEPTION 'stumbled' USING ERRCODE = '{code}';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER stumble BEFORE {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION ops.stumble();
"""


async def stumble(
    rig: Rig, code: str, table: str, event: str, when: str = "", times: int = 1
) -> None:
    """Let the database fail this kind of write for a while."""
    await rig.owner.execute(
        _STUMBLE.format(code=code, table=table, event=event, when=when, times=times)
    )


_SETTLES = "WHEN (NEW.state IN ('SUCCEEDED', 'FAILED'))"


@pytest.mark.parametrize("code", ["40001", "40P01", "57P01", "08006"])
@pytest.mark.parametrize("step", STEPS)
async def test_the_last_transaction_of_a_step_stumbles(rig: Rig, step: str, code: str) -> None:
    """X: rolled back whole and done again, with the carrier's answer still in hand."""
    asked = STEPS[step]
    (number,) = rig.free()
    quick = rig.having(timings=replace(rig.services.timings, retry_pause=0.001))
    await asked.begin(quick, number)
    await stumble(rig, code, "ops.operation", "UPDATE", _SETTLES)
    await quick.quiet()
    assert await asked.end(quick, number)
    assert rig.sent(number, asked.path) == 1
    await rig.check()


@pytest.mark.parametrize("table", ["voice.dids", "ops.audit", "ops.event"])
async def test_the_did_and_all_about_it_are_one_transaction(rig: Rig, table: str) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.assign(cart)
    when = "WHEN (NEW.kind = 'SUCCEEDED')" if table == "ops.event" else ""
    await stumble(rig, "40001", table, "INSERT", when, times=3)
    await rig.quiet()
    assert (await rig.did(number))["status"] == "ACTIVE"
    assert rig.sent(number, "/assign") == 1
    await rig.check()


async def test_a_database_that_stays_away_is_left_to_the_next_worker(rig: Rig) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.assign(cart)
    await stumble(rig, "57P01", "voice.dids", "INSERT", times=1_000)
    hasty = replace(
        rig.services, timings=replace(rig.services.timings, lease=0.05, lease_margin=0.0)
    )
    (operation_id,) = await rig.due()
    with pytest.raises(DatabaseUnavailable):
        await engine.carry(hasty, operation_id)
    assert (await rig.states(number))[-1] == "NUMBER_ASSIGN RUNNING"
    await rig.owner.execute("DROP TRIGGER stumble ON voice.dids")
    await rig.quiet()
    assert (await rig.did(number))["status"] == "ACTIVE"
    assert rig.sent(number, "/assign") == 1
    await rig.check()


async def test_nothing_is_done_twice_for_an_operation_in_other_hands(rig: Rig) -> None:
    (number,) = rig.free()
    accepted = await rig.reserve(number)
    (operation_id,) = accepted.operation_ids
    async with rig.services.workshop.write(Scope.worker()) as session:
        mine = await operations.claim(session, operation_id, _seconds(20))
    assert mine is not None
    left = await engine.carry(rig.services, operation_id)
    assert left is not None
    assert 15 < left <= 20
    assert rig.sent(number, "/reserve") == 0
    await rig.quiet()
    assert await engine.carry(rig.services, operation_id) is None
    assert await engine.carry(rig.services, UUID(int=7)) is None
    # The first one comes back: its fence is old, so it stops without a word.
    zombie = Run(rig.services, mine)
    zombie.leased_at += 3600
    with pytest.raises(LeaseLost):
        await zombie.carry()
    assert rig.sent(number, "/reserve") == 1
    await rig.check()


def _seconds(count: float) -> Any:
    return operations.timedelta(seconds=count)


async def test_a_settlement_under_a_lost_lease_changes_nothing(rig: Rig) -> None:
    (number,) = rig.free()
    accepted = await rig.reserve(number)
    async with rig.services.workshop.write(Scope.worker()) as session:
        mine = await operations.claim(session, accepted.operation_ids[0], _seconds(0))
    assert mine is not None
    await rig.quiet()
    late = Run(rig.services, mine)
    state = (await gather(rig.services, mine)).state
    for effect in (Succeed(), Fail(Failure.UNAVAILABLE), Attend("lost")):
        with pytest.raises(LeaseLost):
            await settle(late, state, effect)
    with pytest.raises(LeaseLost):
        await late.write(lambda session: wait(session, late, state, Wait(1.0, doubtful=True)))
    assert (await rig.item(accepted.reservation_id))["state"] == "HELD"
    await rig.check()


async def test_a_worker_that_slept_too_long_sends_nothing(rig: Rig) -> None:
    """SIGSTOP between mark and send: the lease is over by our own clock."""
    (number,) = rig.free()
    (operation_id,) = (await rig.reserve(number)).operation_ids
    slow = replace(rig.services.timings, lease=30.0, lease_margin=31.0)
    assert await engine.carry(replace(rig.services, timings=slow), operation_id) == 30.0
    assert rig.sent(number, "/reserve") == 0
    await rig.quiet()
    assert rig.sent(number, "/reserve") == 1
    await rig.check()


async def test_a_waiting_operation_says_when_it_wants_to_be_looked_at(rig: Rig) -> None:
    (number,) = rig.free()
    await rig.sandbox.fault("429", retry_after=120, times=1)
    (operation_id,) = (await rig.reserve(number)).operation_ids
    assert await engine.carry(rig.services, operation_id) == 120.0
    left = await engine.carry(rig.services, operation_id)
    assert left is not None
    assert 100 < left <= 120
    row = (await rig.operations(number))[0]
    assert (row["state"], row["attempt"], row["sent"]) == ("WAITING", 0, {})
    await rig.quiet()
    await rig.check()


async def test_defects_of_our_own_back_off_and_then_go_to_staff(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    (number,) = rig.free()
    (operation_id,) = (await rig.reserve(number)).operation_ids
    await rig.owner.execute(
        "UPDATE ops.operation SET request = request - 'item_id' || '{\"holder\": 5}'"
    )
    await rig.quiet(sweep=False)
    assert await rig.states(number) == ["NUMBER_HOLD ATTENTION"]
    (incident,) = await rig.incidents()
    assert incident["operation_id"] == operation_id
    assert "KeyError" in incident["last_error"]
    out = capsys.readouterr().out
    assert "operation.defect" in out
    assert str(operation_id) in out
    assert "'item_id'" not in out


async def test_a_defect_under_a_lost_lease_is_nobodys_business(rig: Rig) -> None:
    (number,) = rig.free()
    (operation_id,) = (await rig.reserve(number)).operation_ids
    async with rig.services.workshop.write(Scope.worker()) as session:
        mine = await operations.claim(session, operation_id, _seconds(0))
    assert mine is not None
    await rig.quiet()
    run = Run(rig.services, mine)
    assert await after_defect(run, KeyError("x")) is not None
    last = replace(rig.services, timings=replace(rig.services.timings, attempts=1))
    assert await after_defect(Run(last, mine), KeyError("x")) is None
    assert await rig.incidents() == []


async def test_the_state_of_a_saga_is_in_its_row(rig: Rig) -> None:
    """Whatever a worker knew and lost is read back: the mark, the attempts, the doubt."""
    (number,) = rig.free()
    await rig.sandbox.fault("reset_before", path="*/reserve", times=2)
    accepted = await rig.reserve(number)
    await rig.settle_due()
    row = (await rig.operations(number))[0]
    assert row["state"] == "UNKNOWN"
    assert list(row["sent"]) == ["reserve"]
    assert (row["attempt"], row["last_error"]) == (1, "ConnectionLost")
    assert (await rig.item(accepted.reservation_id))["state"] == "PENDING_CONFIRMATION"
    await rig.quiet()
    row = (await rig.operations(number))[0]
    assert (row["state"], row["attempt"]) == ("SUCCEEDED", 2)
    assert TelephoneNumber(row["subject"]) == number
    await rig.check()
