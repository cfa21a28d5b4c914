"""Row S10 of the fault matrix (research/reliability.md 4.2): the writes about ports, cell by cell.

None of them may be repeated blindly. Whatever goes wrong with the first call, the story ends as if
nothing had: one project, one check, one order at the carrier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from tests.workflows.port_rig import PortRig, csv_of
from workflows import engine


@dataclass(frozen=True)
class Step:
    """How a step is prepared and asked for, the call it makes, and what must hold at its end."""

    path: str
    prepare: Callable[[PortRig], Awaitable[UUID | None]]
    ask: Callable[[PortRig, UUID | None], Awaitable[UUID]]
    end: Callable[[PortRig, UUID], Awaitable[None]]


async def _nothing(ports: PortRig) -> None:
    return None


async def _create(ports: PortRig, _project_id: UUID | None) -> UUID:
    project_id = (await ports.create()).port_project_id
    assert project_id is not None
    return project_id


async def _created(ports: PortRig, project_id: UUID) -> None:
    (there,) = ports.rig.sandbox.ports()
    row = await ports.row(project_id)
    assert (row["carrier_id"], row["pushed_version"]) == (there["id"], 1)


async def _upload(ports: PortRig, project_id: UUID | None) -> UUID:
    assert project_id is not None
    assert (await ports.upload(project_id, csv_of(1301, 1302))).accepted.refusals == ()
    return project_id


async def _uploaded(ports: PortRig, project_id: UUID) -> None:
    row = await ports.row(project_id)
    there = ports.rig.sandbox.port(row["carrier_id"])
    assert there["progress"]["jobId"] == row["job_id"]
    assert len(there["rows"]) == 2
    assert row["status"] == "VALIDATED"
    assert await ports.states(project_id) == ["VALID"] * 2


async def _submit(ports: PortRig, project_id: UUID | None) -> UUID:
    assert project_id is not None
    assert (await ports.submit(project_id)).refusals == ()
    return project_id


async def _submitted(ports: PortRig, project_id: UUID) -> None:
    row = await ports.row(project_id)
    there = ports.rig.sandbox.port(row["carrier_id"])
    assert there["lsrIds"] == [row["lsr_id"]]
    assert row["status"] in {"SUBMITTED", "PENDING"}
    assert await ports.states(project_id) == ["SUBMITTED"] * 2


async def _cancel(ports: PortRig, project_id: UUID | None) -> UUID:
    assert project_id is not None
    assert (await ports.cancel(project_id)).refusals == ()
    return project_id


async def _cancelled(ports: PortRig, project_id: UUID) -> None:
    row = await ports.row(project_id)
    there = ports.rig.sandbox.port(row["carrier_id"])
    assert there["status"] == row["status"] == "CANCELLED"
    assert await ports.states(project_id) == ["CANCELLED"] * 2


STEPS = {
    "create": Step("/port-projects/projects", _nothing, _create, _created),
    "upload": Step("/upload", lambda ports: ports.project(), _upload, _uploaded),
    "submit": Step("/submit", lambda ports: ports.ready(1301, 1302), _submit, _submitted),
    "cancel": Step("/cancel", lambda ports: ports.submitted(1301, 1302), _cancel, _cancelled),
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
    "late, 504": ({"action": "late_apply", "seconds": 20}, 1),
    "late, reset": ({"action": "late_apply", "seconds": 20, "status": 0}, 1),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
async def test_a_call_that_goes_wrong_once(ports: PortRig, step: str, fault: str) -> None:
    asked, (switch, most) = STEPS[step], FAULTS[fault]
    known = await asked.prepare(ports)
    before = ports.sent(asked.path)
    await ports.rig.sandbox.fault(path=f"*{asked.path}", method="POST", times=1, **switch)
    project_id = await asked.ask(ports, known)
    if "seconds" in switch:
        ports.rig.hasty()
    await ports.rig.quiet(horizon=1800)
    await asked.end(ports, project_id)
    assert 1 <= ports.sent(asked.path) - before <= most
    assert await ports.rig.incidents() == []
    await ports.rig.check()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_that_dies_with_its_call_under_way(
    ports: PortRig, step: str, when: str
) -> None:
    """Its request lives on, takes effect or not; another worker goes on from the durable mark."""
    asked = STEPS[step]
    known = await asked.prepare(ports)
    before = ports.sent(asked.path)
    await ports.rig.sandbox.fault(
        "slow", path=f"*{asked.path}", method="POST", times=1, seconds=20, when=when
    )
    project_id = await asked.ask(ports, known)
    await _die_in(ports, asked.path, before)
    await ports.rig.quiet(horizon=1800)
    await asked.end(ports, project_id)
    assert ports.sent(asked.path) - before == 1
    await ports.rig.check()


async def _die_in(ports: PortRig, path: str, before: int) -> None:
    """Carry until the call has arrived, then vanish: no `except` or `finally` settles anything."""
    while ports.sent(path) == before:
        (operation_id, *_) = await ports.rig.due()
        carrying = asyncio.create_task(engine.carry(ports.rig.services, operation_id))
        while not carrying.done() and ports.sent(path) == before:  # noqa: ASYNC110
            await asyncio.sleep(0)
    carrying.cancel()
    await asyncio.wait([carrying])
