"""Turns that a port takes rarely: nothing left to tell, called off in doubt, empty answers."""

from __future__ import annotations

import httpx
import orjson
import pytest

from tests.workflows.port_rig import PortRig, csv_of
from tests.workflows.test_port_rows import fix, remove
from workflows import port_pursuit

TWICE = """UPDATE voice.port_numbers SET errors = errors || errors WHERE project_id = $1"""


async def rejected(ports: PortRig, project_id: object) -> None:
    """Wait for the losing carrier's no."""
    for _ in range(20):
        await ports.rig.advance(6 * 3600)
        await ports.rig.settle_due()
        if (await ports.row(project_id))["status"] == "REJECTED":  # type: ignore[arg-type]
            return
    raise AssertionError("not rejected")


async def test_a_removal_leaves_a_rejected_project_rejected(ports: PortRig) -> None:
    project_id = await ports.submitted(9109, 1601)
    await rejected(ports, project_id)
    (other,) = [r for r in await ports.numbers(project_id) if r["state"] != "REJECTED"]
    assert (await remove(ports, project_id, other["id"])).refusals == ()
    assert (await ports.row(project_id))["status"] == "REJECTED"
    assert await ports.states(project_id) == ["REJECTED"]


async def test_an_upload_that_has_nothing_left_to_tell(ports: PortRig) -> None:
    project_id = await ports.project()
    await ports.upload(project_id, csv_of(1602))
    (row,) = await ports.numbers(project_id)
    assert (await remove(ports, project_id, row["id"])).refusals == ()
    await ports.rig.settle_due()
    assert (await ports.operations(project_id))[-1] == "PORT_UPLOAD SUCCEEDED"
    assert ports.sent("/upload") == 0
    assert (await ports.row(project_id))["status"] == "DRAFT"


async def test_called_off_while_an_upload_is_in_doubt(ports: PortRig) -> None:
    project_id = await ports.project()
    await ports.rig.sandbox.fault("reset_after", path="*/upload", nth=1)
    await ports.upload(project_id, csv_of(1603))
    await ports.rig.settle_due()
    assert (await ports.cancel(project_id)).refusals == ()
    await ports.rig.quiet()
    assert (await ports.row(project_id))["status"] == "CANCELLED"
    assert ports.sent("/upload") == 1
    assert await ports.operations(project_id) == [
        "PORT_CREATE SUCCEEDED",
        "PORT_UPLOAD SUCCEEDED",
        "PORT_CANCEL SUCCEEDED",
    ]


async def test_two_errors_with_one_suggestion_are_one_change(ports: PortRig) -> None:
    project_id = await ports.project(9101)
    await ports.checked(project_id)
    await ports.rig.owner.execute(TWICE, project_id)
    assert len((await fix(ports, project_id, dry_run=True)).changes) == 1


async def test_the_sweeper_begins_what_nobody_does(ports: PortRig) -> None:
    project_id = await ports.project()
    await ports.upload(project_id, csv_of(1604))
    await ports.rig.owner.execute("DELETE FROM queue.pgqueuer")
    await ports.rig.owner.execute(
        "UPDATE ops.operation SET state = 'FAILED' WHERE kind = 'PORT_UPLOAD'"
    )
    assert await port_pursuit.pursue_due(ports.rig.services) == 1
    assert await port_pursuit.pursue_due(ports.rig.services) == 0
    await ports.rig.settle_due()
    assert await ports.checked(project_id) == "VALIDATED"


@pytest.mark.parametrize("ending", ["/submit", "/cancel"])
async def test_an_answer_that_says_nothing_is_read_back(
    ports: PortRig, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """The wire between is the double here: it takes the words out of one answer."""
    project_id = await ports.ready(1605)
    transport = ports.rig.sandbox.transport
    pass_on = transport.handle_async_request

    async def emptied(request: httpx.Request) -> httpx.Response:
        answer: httpx.Response = await pass_on(request)
        if not request.url.path.endswith(ending):
            return answer
        await answer.aread()
        said = {**orjson.loads(answer.content), "status": "SOMETHING", "lsrId": None}
        return httpx.Response(answer.status_code, json=said)

    monkeypatch.setattr(transport, "handle_async_request", emptied)
    assert (await ports.submit(project_id)).refusals == ()
    await ports.rig.quiet(horizon=600)
    if ending == "/cancel":
        assert (await ports.cancel(project_id)).refusals == ()
        await ports.rig.quiet(horizon=600)
    row = await ports.row(project_id)
    assert row["status"] == ("SUBMITTED" if ending == "/submit" else "CANCELLED")
    assert ports.sent(ending) == 1
