"""A port from its creation to the submission, told to the sandbox: what is told, and when."""

from __future__ import annotations

from tests.workflows.port_rig import PortRig, number


async def test_create_is_carried(ports: PortRig) -> None:
    accepted = await ports.create(description="Twelve lines")
    assert accepted.refusals == ()
    project_id = accepted.port_project_id
    assert project_id is not None
    assert len(accepted.operation_ids) == 1
    row = await ports.row(project_id)
    assert (row["status"], row["carrier_id"], row["pushed_version"]) == ("DRAFT", None, 0)
    await ports.rig.settle_due()
    row = await ports.row(project_id)
    assert row["carrier_id"] is not None
    assert row["pushed_version"] == row["version"] == 1
    assert await ports.operations(project_id) == ["PORT_CREATE SUCCEEDED"]


async def test_a_file_is_told_and_checked(ports: PortRig) -> None:
    project_id = await ports.project(1201, 1202, 1203)
    assert await ports.operations(project_id) == ["PORT_CREATE SUCCEEDED", "PORT_UPLOAD SUCCEEDED"]
    assert [row["number"] for row in await ports.numbers(project_id)] == [
        number(line) for line in (1201, 1202, 1203)
    ]
    assert await ports.checked(project_id) == "VALIDATED"
    assert await ports.states(project_id) == ["VALID"] * 3


async def test_a_submission(ports: PortRig) -> None:
    project_id = await ports.ready(1204, 1205)
    accepted = await ports.submit(project_id)
    assert accepted.refusals == ()
    await ports.rig.settle_due()
    row = await ports.row(project_id)
    assert (row["status"], row["attempt"], row["wanted"]) == ("SUBMITTED", 1, None)
    assert row["lsr_id"] is not None
    assert await ports.states(project_id) == ["SUBMITTED"] * 2
