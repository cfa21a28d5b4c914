"""The lesser writes about ports in doubt, refused tokens, and answers that say nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from numbering.lanes import Lane
from teliport.portability import ProjectFields
from tests.workflows.port_rig import PortRig, csv_of
from tests.workflows.rig import ALICE, STAFF, keys
from workflows import incidents, porting
from workflows.commands import ResolveIncident
from workflows.port_commands import ActivatePortNumbers, RemovePortNumbers, UpdatePortProject


async def _ask_update(ports: PortRig, project_id: UUID) -> None:
    command = UpdatePortProject(
        project_id=project_id, changes={"name": "Boulder"}, idempotency_key=next(keys)
    )
    assert (await porting.update(ports.rig.services, ALICE, command)).refusals == ()


async def _updated(ports: PortRig, project_id: UUID) -> bool:
    row = await ports.row(project_id)
    there = ports.rig.sandbox.port(row["carrier_id"])
    return bool(there["name"] == "Boulder" and row["pushed_version"] == 2)


async def _ask_remove(ports: PortRig, project_id: UUID) -> None:
    rows = await ports.numbers(project_id)
    command = RemovePortNumbers(
        project_id=project_id, port_number_ids=(rows[0]["id"],), idempotency_key=next(keys)
    )
    assert (await porting.remove_numbers(ports.rig.services, ALICE, command)).refusals == ()


async def _removed(ports: PortRig, project_id: UUID) -> bool:
    there = ports.rig.sandbox.port((await ports.row(project_id))["carrier_id"])
    return len(there["rows"]) == 1 == len(await ports.numbers(project_id))


async def _ask_activate(ports: PortRig, project_id: UUID) -> None:
    command = ActivatePortNumbers(project_id=project_id, idempotency_key=next(keys))
    assert (await porting.activate(ports.rig.services, STAFF, command)).refusals == ()


async def _activated(ports: PortRig, project_id: UUID) -> bool:
    return (await ports.row(project_id))["status"] == "COMPLETE"


async def _edited(ports: PortRig) -> UUID:
    project_id = await ports.project(1601, 1602)
    await ports.checked(project_id)
    return project_id


async def partial(ports: PortRig) -> UUID:
    """A port of which one number was not activated."""
    project_id = await ports.submitted(9108, 1603)
    for _ in range(60):
        await ports.rig.advance(6 * 3600)
        await ports.rig.settle_due()
        if (await ports.row(project_id))["status"] == "PARTIAL":
            return project_id
    raise AssertionError(await ports.row(project_id))


@dataclass(frozen=True)
class Step:
    method: str
    path: str
    prepare: Callable[[PortRig], Awaitable[UUID]]
    ask: Callable[[PortRig, UUID], Awaitable[None]]
    done: Callable[[PortRig, UUID], Awaitable[bool]]


STEPS = {
    "update": Step("PUT", "*/port-projects/projects/*", _edited, _ask_update, _updated),
    "remove": Step("POST", "*/remove", _edited, _ask_remove, _removed),
    "activate": Step("POST", "*/activate", partial, _ask_activate, _activated),
}
FAULTS: dict[str, dict[str, Any]] = {
    "reset before": {"action": "reset_before"},
    "reset after": {"action": "reset_after"},
    "late": {"action": "late_apply", "seconds": 20},
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
async def test_a_lesser_write_in_doubt(ports: PortRig, step: str, fault: str) -> None:
    asked = STEPS[step]
    project_id = await asked.prepare(ports)
    await ports.rig.sandbox.fault(path=asked.path, method=asked.method, times=1, **FAULTS[fault])
    await asked.ask(ports, project_id)
    if fault == "late":
        ports.rig.hasty()
    await ports.rig.quiet(horizon=300)
    assert await asked.done(ports, project_id)


async def test_an_activation_that_staff_settle(ports: PortRig) -> None:
    project_id = await partial(ports)
    await ports.rig.sandbox.fault("500", path="*/activate")
    await _ask_activate(ports, project_id)
    await ports.rig.quiet(horizon=3 * 3600)
    assert (await ports.operations(project_id))[-1] == "PORT_ACTIVATE ATTENTION"
    (incident,) = await ports.rig.incidents()
    command = ResolveIncident(
        incident_id=incident["id"], resolution="by hand", idempotency_key=next(keys)
    )
    assert (await incidents.resolve(ports.rig.services, STAFF, command)).refusals == ()
    assert (await ports.row(project_id))["wanted"] is None


async def test_a_refused_token_pauses_writes_and_looks(ports: PortRig) -> None:
    headers = ports.rig.services.teliport._http.headers
    project_id = await ports.project()
    await ports.rig.sandbox.fault("reset_after", path="*/upload", times=1)
    await ports.upload(project_id, csv_of(1611))
    await ports.rig.settle_due()
    headers["Authorization"] = "Bearer rng_wrong"
    second = (await ports.create()).port_project_id
    assert second is not None
    await ports.rig.advance(5)
    await ports.rig.settle_due()
    assert (await ports.operations(second)) == ["PORT_CREATE WAITING"]
    assert (await ports.operations(project_id))[-1] == "PORT_UPLOAD UNKNOWN"
    headers["Authorization"] = f"Bearer {ports.rig.sandbox.token}"
    await ports.rig.quiet(horizon=300)
    assert (await ports.row(project_id))["status"] == "VALIDATED"
    assert await ports.operations(second) == ["PORT_CREATE SUCCEEDED"]


async def test_looks_that_fail_and_a_project_that_is_gone(ports: PortRig) -> None:
    project_id = await ports.ready(1612)
    await ports.rig.sandbox.fault("reset_before", path="*/submit", times=1)
    await ports.rig.sandbox.fault("500", path="*/submit", times=1)
    await ports.rig.sandbox.fault("503", path="*/port-projects/projects/*", method="GET", times=1)
    await ports.submit(project_id)
    await ports.rig.settle_due()
    await ports.rig.advance(5)
    await ports.rig.settle_due()
    await ports.rig.owner.execute("UPDATE voice.port_projects SET carrier_id = 'gone'")
    await ports.rig.quiet(horizon=300)
    assert (await ports.operations(project_id))[-1] == "PORT_SUBMIT ATTENTION"
    (incident,) = await ports.rig.incidents()
    assert incident["summary"] == "The carrier does not have this project"


async def test_a_crowded_list_is_looked_through(ports: PortRig) -> None:
    """The mark is found on a later page of the carrier's list."""
    await ports.rig.sandbox.fault("reset_after", path="*/projects", method="POST", nth=1)
    first = (await ports.create()).port_project_id
    await ports.rig.settle_due()
    portability = ports.rig.services.teliport.portability
    for _ in range(100):
        await portability.create(ProjectFields(name="other"), lane=Lane.BULK)
    await ports.rig.quiet(horizon=300)
    assert (await ports.row(first))["carrier_id"] is not None
    assert len(ports.rig.sandbox.ports()) == 101
