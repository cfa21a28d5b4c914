"""The sweeper: what was lost, missed or comes too late is found again from the rows alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.rig import Rig
from workflows import strays, sweeper
from workflows.sweeper import Swept


async def test_losing_every_job_loses_nothing(rig: Rig) -> None:
    numbers = rig.free(5)
    await rig.reserve(*numbers)
    await rig.owner.execute("DELETE FROM queue.pgqueuer")
    assert (await sweeper.sweep(rig.services)).stranded == 5
    assert await jobs(rig) == 5
    assert (await sweeper.sweep(rig.services)) == Swept()
    await rig.quiet()
    await rig.check()


async def jobs(rig: Rig) -> int:
    """How many jobs there are."""
    count: int = await rig.owner.fetchval("SELECT count(*) FROM queue.pgqueuer")
    return count


async def test_what_was_not_followed_up_is(rig: Rig) -> None:
    going, stale = rig.free(2)
    await rig.owned(going, stale)
    await rig.owner.execute(
        "UPDATE voice.dids SET status = 'RELEASING', release_reason = 'x' WHERE number = $1",
        str(going),
    )
    await rig.owner.execute(
        "UPDATE voice.dids SET meta_version = 2, voice_enabled = false WHERE number = $1",
        str(stale),
    )
    assert (await sweeper.sweep(rig.services)).followed_up == 2
    await rig.quiet()
    assert (await rig.did(going))["status"] == "DISCONNECTED"
    assert rig.sandbox.state(stale)["applicationMetadata"]["voice_enabled"] is False
    await rig.check()


async def test_old_keys_are_forgotten(rig: Rig) -> None:
    (number,) = rig.free()
    await rig.reserve(number)
    assert await sweeper.prune(rig.services) == 0
    await rig.advance(31 * 86_400)
    assert await sweeper.prune(rig.services) == 1


async def _too_late(rig: Rig, number: str, seconds: float = 400) -> Any:
    """An assign is cut off, fails, and takes effect long after: AVAILABLE again in between."""
    cart = await rig.held(number)
    await rig.sandbox.fault("late_apply", path="*/assign", seconds=seconds, status=0, times=1)
    await rig.assign(cart)
    await rig.settle_due()
    rig.sandbox.world.moves.expire_hold(rig.sandbox.position(number))
    return cart


async def test_an_assign_that_arrives_after_it_was_given_up_is_given_back(rig: Rig) -> None:
    """I4: FAILED was acknowledged and stays; the number goes back by an operation of its own."""
    (number,) = rig.free()
    cart = await _too_late(rig, number)
    await rig.quiet()
    assert (await rig.item(cart))["state"] == "FAILED"
    assert rig.sandbox.state(number)["status"] == "AVAILABLE"
    await rig.advance(400)
    assert rig.sandbox.state(number)["status"] == "IN_USE"
    assert (await sweeper.sweep(rig.services)).strays == 1
    await rig.quiet()
    assert rig.sandbox.state(number)["status"] == "AVAILABLE"
    assert (await rig.states(number))[-1] == "NUMBER_RELEASE SUCCEEDED"
    audit = await rig.owner.fetchrow("SELECT * FROM ops.audit WHERE action = 'RELEASE'")
    assert audit is not None
    assert "after the operation had been given up" in audit["reason"]
    await rig.check()


async def test_the_watch_looks_ever_less_often_and_ends(rig: Rig) -> None:
    (number,) = rig.free()
    await _too_late(rig, number, seconds=100_000)
    await rig.quiet()
    looks = _looks(rig)
    for _ in range(300):
        await rig.advance(5)
        await sweeper.sweep(rig.services)
    assert 3 <= _looks(rig) - looks <= 6
    row = (await rig.operations(number))[-1]
    assert row["sent"] == {}


def _looks(rig: Rig) -> int:
    return sum(call["path"].endswith("/query") for call in rig.sandbox.calls())


async def test_a_carrier_that_is_away_is_asked_later(rig: Rig) -> None:
    (number,) = rig.free()
    await _too_late(rig, number)
    await rig.quiet()
    await rig.advance(400)
    await rig.sandbox.fault("500", path="*/query", times=1)
    assert await strays.watch(rig.services) == 0
    assert await strays.watch(rig.services) == 1


async def test_a_late_repetition_that_resets_the_metadata_is_put_right(rig: Rig) -> None:
    """A lenient carrier lets the same assign through twice, and keeps what the second one says."""
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.sandbox.fault("reset_before", path="*/assign", times=1)
    await rig.assign(cart)
    await rig.quiet()
    (did_id,) = [(await rig.did(number))["id"]]
    assert (await rig.operations(number))[-1]["sent"] != {}
    rig.sandbox.world.moves.write_metadata(rig.sandbox.position(number), {"voice_enabled": False})
    await rig.advance(80)
    assert (await sweeper.sweep(rig.services)).strays == 1
    await rig.quiet()
    assert rig.sandbox.state(number)["applicationMetadata"]["voice_enabled"] is True
    # From now on it is in order, and a look finds nothing to do.
    await rig.advance(300)
    assert (await sweeper.sweep(rig.services)).strays == 0
    await rig.release_dids(did_id)
    await rig.owner.execute(
        'UPDATE ops.operation SET sent = \'{"assign": "x"}\', run_at = ops.now()'
        " WHERE kind = 'NUMBER_ASSIGN'"
    )
    assert await strays.watch(rig.services) == 0  # RELEASING: on its way out anyway
    await rig.quiet()
    await rig.check()


@pytest.mark.parametrize("busy", [True, False])
async def test_a_stray_waits_for_the_lock_on_its_number(rig: Rig, busy: bool) -> None:
    (number,) = rig.free()
    await _too_late(rig, number)
    await rig.quiet()
    if busy:
        await rig.reserve(number)
    await rig.advance(400)
    assert await strays.watch(rig.services) == (0 if busy else 1)
    await rig.quiet()
