"""The fault matrix of research/reliability.md 4.2, rows S3 to S8, cell by cell.

A cell: one call of a step goes wrong in one way. Whatever it is, the story ends as if nothing had
been, the carrier and the database agree, and the write was sent no more often than it had to be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from numbering.telephone import TelephoneNumber
from tests.workflows.rig import ALICE, Rig, keys
from workflows import engine, procurement
from workflows.commands import UpdateDids


@dataclass(frozen=True)
class Step:
    """How a step is brought about on a number, the call it makes, and what must hold at its end."""

    path: str
    begin: Callable[[Rig, TelephoneNumber], Awaitable[None]]
    end: Callable[[Rig, TelephoneNumber], Awaitable[bool]]


async def _ask_hold(rig: Rig, number: TelephoneNumber) -> None:
    assert (await rig.reserve(number)).refusals == ()


async def _is_held(rig: Rig, number: TelephoneNumber) -> bool:
    row = await rig.owner.fetchrow(
        "SELECT * FROM voice.reservation_items WHERE number = $1", str(number)
    )
    return rig.sandbox.state(number)["status"] == "RESERVED" and row["state"] == "HELD"


async def _ask_assign(rig: Rig, number: TelephoneNumber) -> None:
    assert (await rig.assign(await rig.held(number))).refusals == ()


async def _is_ours(rig: Rig, number: TelephoneNumber) -> bool:
    did = await rig.did(number)
    return rig.sandbox.state(number)["status"] == "IN_USE" and did["status"] == "ACTIVE"


async def _ask_compensation(rig: Rig, number: TelephoneNumber) -> None:
    """S6: a ROLLBACK cart of which another number turns out to be gone."""
    gone = rig.free(2)[1]
    rig.sandbox.world.moves.hold(rig.sandbox.position(gone), "SOMEBODY-ELSE")
    assert (await rig.reserve(number, gone, on_partial="ROLLBACK")).refusals == ()


async def _is_free(rig: Rig, number: TelephoneNumber) -> bool:
    states = await rig.owner.fetch("SELECT state FROM voice.reservation_items")
    return rig.sandbox.state(number)["status"] == "AVAILABLE" and {
        row["state"] for row in states
    } == {"RELEASED", "FAILED"}


async def _ask_release(rig: Rig, number: TelephoneNumber) -> None:
    (did_id,) = await rig.owned(number)
    assert (await rig.release_dids(did_id)).refusals == ()


async def _is_released(rig: Rig, number: TelephoneNumber) -> bool:
    did = await rig.did(number)
    return rig.sandbox.state(number)["status"] != "IN_USE" and did["status"] == "DISCONNECTED"


async def _ask_push(rig: Rig, number: TelephoneNumber) -> None:
    (did_id,) = await rig.owned(number)
    command = UpdateDids(
        did_ids=(did_id,), changes={"voice_enabled": False}, idempotency_key=next(keys)
    )
    assert (await procurement.update_dids(rig.services, ALICE, command)).refusals == ()


async def _is_pushed(rig: Rig, number: TelephoneNumber) -> bool:
    meta = rig.sandbox.state(number)["applicationMetadata"]
    return meta["voice_enabled"] is False and await _is_ours(rig, number)


STEPS = {
    "S3": Step("/reserve", _ask_hold, _is_held),
    "S4": Step("/assign", _ask_assign, _is_ours),
    "S6": Step("/release", _ask_compensation, _is_free),
    "S7": Step("/release", _ask_release, _is_released),
    "S8": Step("/metadata", _ask_push, _is_pushed),
}

# How often the write arrives when its first call goes wrong so: 1 where it had taken effect.
FAULTS: dict[str, tuple[dict[str, Any], int]] = {
    "refused": ({"action": "refuse"}, 2),
    "reset before": ({"action": "reset_before"}, 2),
    "reset after": ({"action": "reset_after"}, 1),
    "429": ({"action": "429"}, 2),
    "429 with Retry-After": ({"action": "429", "retry_after": 17}, 2),
    "500": ({"action": "500"}, 2),
    "502": ({"action": "502"}, 2),
    "503": ({"action": "503"}, 2),
    "500 after": ({"action": "500", "applied": True}, 1),
    "503 after": ({"action": "503", "applied": True}, 1),
    "slow": ({"action": "slow", "seconds": 35}, 2),
    "slow after": ({"action": "slow", "seconds": 35, "when": "after"}, 1),
    "malformed": ({"action": "malformed_json"}, 1),
    "truncated": ({"action": "truncated"}, 1),
    "content type": ({"action": "wrong_content_type"}, 1),
    "html": ({"action": "html"}, 2),
    "wrong number": ({"action": "wrong_number"}, 1),
    "late, 504": ({"action": "late_apply", "seconds": 20}, 2),
    "late, reset": ({"action": "late_apply", "seconds": 20, "status": 0}, 2),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
async def test_a_call_that_goes_wrong_once(rig: Rig, step: str, fault: str) -> None:
    asked, (switch, most) = STEPS[step], FAULTS[fault]
    (number,) = rig.free()
    await rig.sandbox.fault(path=f"*{asked.path}", tn=number.national, times=1, **switch)
    await asked.begin(rig, number)
    if "seconds" in switch:
        rig.hasty()
    await rig.quiet()
    assert await asked.end(rig, number)
    assert 1 <= rig.sent(number, asked.path) <= most
    await rig.check()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_that_dies_with_its_call_under_way(rig: Rig, step: str, when: str) -> None:
    """Its request lives on, takes effect or not; another worker goes on from the durable mark."""
    asked = STEPS[step]
    (number,) = rig.free()
    await rig.sandbox.fault(
        "slow", path=f"*{asked.path}", tn=number.national, times=1, seconds=20, when=when
    )
    await asked.begin(rig, number)
    await _die_in(rig, number, asked.path)
    await rig.quiet()
    assert await asked.end(rig, number)
    assert rig.sent(number, asked.path) <= 2
    await rig.check()


async def _die_in(rig: Rig, number: TelephoneNumber, path: str) -> None:
    """Carry until the call has arrived, then vanish: no `except` or `finally` settles anything."""
    while not rig.sent(number, path):
        (operation_id, *_) = await rig.due()
        carrying = asyncio.create_task(engine.carry(rig.services, operation_id))
        while not carrying.done() and not rig.sent(number, path):  # noqa: ASYNC110
            await asyncio.sleep(0)
    carrying.cancel()
    await asyncio.wait([carrying])
