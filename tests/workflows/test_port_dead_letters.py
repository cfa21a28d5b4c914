"""Ports that need staff: every operation in ATTENTION has an incident; retry and resolve."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from tests.workflows.port_rig import PortRig, csv_of
from tests.workflows.rig import STAFF, keys
from workflows import incidents
from workflows.commands import ResolveIncident, RetryIncident

PATHS = {
    "PORT_CREATE": "/port-projects/projects",
    "PORT_UPLOAD": "/upload",
    "PORT_SUBMIT": "/submit",
    "PORT_CANCEL": "/cancel",
}


async def _ask_create(ports: PortRig) -> UUID:
    project_id = (await ports.create()).port_project_id
    assert project_id is not None
    return project_id


async def _ask_upload(ports: PortRig) -> UUID:
    project_id = await ports.project()
    await ports.upload(project_id, csv_of(1501, 1502))
    return project_id


async def _ask_submit(ports: PortRig) -> UUID:
    project_id = await ports.ready(1501)
    await ports.submit(project_id)
    return project_id


async def _ask_cancel(ports: PortRig) -> UUID:
    project_id = await ports.submitted(1501)
    await ports.cancel(project_id)
    return project_id


ASK: dict[str, Callable[[PortRig], Awaitable[UUID]]] = {
    "PORT_CREATE": _ask_create,
    "PORT_UPLOAD": _ask_upload,
    "PORT_SUBMIT": _ask_submit,
    "PORT_CANCEL": _ask_cancel,
}


async def given_up(ports: PortRig, kind: str) -> tuple[UUID, UUID]:
    """A project and its incident: the carrier answers nothing but 500 to that call."""
    await ports.rig.sandbox.fault("500", path=f"*{PATHS[kind]}", method="POST")
    project_id = await ASK[kind](ports)
    await ports.rig.quiet(horizon=3 * 3600)
    assert (await ports.operations(project_id))[-1] == f"{kind} ATTENTION"
    (incident,) = await ports.rig.incidents()
    assert incident["number"] is None
    await ports.rig.sandbox.clear_faults()
    return project_id, incident["id"]


@pytest.mark.parametrize("kind", ASK)
async def test_retry(ports: PortRig, kind: str) -> None:
    project_id, incident_id = await given_up(ports, kind)
    command = RetryIncident(incident_id=incident_id, reason="is back", idempotency_key=next(keys))
    assert (await incidents.retry(ports.rig.services, STAFF, command)).refusals == ()
    await ports.rig.quiet(horizon=300)
    assert f"{kind} SUCCEEDED" in await ports.operations(project_id)
    assert await ports.rig.incidents() == []


RESOLVED = {
    "PORT_CREATE": "DRAFT",
    "PORT_UPLOAD": "NEEDS_FIXES",
    "PORT_SUBMIT": "VALIDATED",
    "PORT_CANCEL": "CANCELLED",
}


@pytest.mark.parametrize("kind", ASK)
async def test_resolve(ports: PortRig, kind: str) -> None:
    project_id, incident_id = await given_up(ports, kind)
    if kind == "PORT_CANCEL":
        await ports.elsewhere(project_id, "CANCELLED")
    await resolve(ports, incident_id)
    await ports.rig.quiet(horizon=300)
    row = await ports.row(project_id)
    assert (row["status"], row["wanted"]) == (RESOLVED[kind], None)
    assert f"{kind} FAILED" in await ports.operations(project_id)
    assert row["carrier_id"] is not None
    assert len(ports.rig.sandbox.ports()) == 1


async def resolve(ports: PortRig, incident_id: UUID) -> None:
    command = ResolveIncident(
        incident_id=incident_id, resolution="by hand", idempotency_key=next(keys)
    )
    assert (await incidents.resolve(ports.rig.services, STAFF, command)).refusals == ()


async def test_a_creation_that_nobody_wants_any_more(ports: PortRig) -> None:
    project_id, incident_id = await given_up(ports, "PORT_CREATE")
    await ports.cancel(project_id)
    assert (await ports.row(project_id))["status"] == "CANCELLING"
    await resolve(ports, incident_id)
    assert (await ports.row(project_id))["status"] == "CANCELLED"


async def test_a_draft_whose_cancellation_is_refused(ports: PortRig) -> None:
    """There is no way back from there: staff see it, and their word ends it."""
    project_id = await ports.project()
    await ports.elsewhere(project_id, "ACTIVATING")
    await ports.cancel(project_id)
    await ports.rig.settle_due()
    assert (await ports.operations(project_id))[-1] == "PORT_CANCEL ATTENTION"
    (incident,) = await ports.rig.incidents()
    await resolve(ports, incident["id"])
    assert (await ports.row(project_id))["status"] == "CANCELLED"


async def test_a_project_that_the_carrier_lost(ports: PortRig) -> None:
    project_id = await ports.project()
    await ports.rig.owner.execute("UPDATE voice.port_projects SET carrier_id = 'gone'")
    await ports.upload(project_id, csv_of(1503))
    await ports.rig.settle_due()
    assert (await ports.operations(project_id))[-1] == "PORT_UPLOAD ATTENTION"


async def test_news_overtake_a_cancellation_that_staff_settle(ports: PortRig) -> None:
    project_id, incident_id = await given_up(ports, "PORT_CANCEL")
    await ports.rig.owner.execute("UPDATE voice.port_projects SET status = 'ACTIVATING'")
    await resolve(ports, incident_id)
    assert (await ports.row(project_id))["status"] == "ACTIVATING"
