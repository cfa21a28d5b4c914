"""The switches for ports: looking at a project, pushing it on, rejecting it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.kit.sandbox import Sandbox, sandbox
from tests.teliport.sandbox import port_steps as ports
from tests.teliport.sandbox.port_steps import NOW

TN = "3034411000"


@pytest.fixture
async def carrier() -> AsyncIterator[Sandbox]:
    """A sandbox that begins on a Saturday in November."""
    async with sandbox(wall=lambda: NOW) as opened:
        yield opened


async def test_a_project_is_shown_whole(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.submitted(carrier, http, TN)
    shown = (await carrier.control("GET", f"/ports/{project}")).json()
    assert shown == carrier.port(project)
    assert (await ports.get(http, project)).items() <= shown.items()
    assert [row["telephoneNumber"] for row in shown["rows"]] == [TN]
    assert shown["next"] == {"status": "PENDING", "at": "2026-11-21T19:00:01.200Z"}
    assert shown["lsrIds"] == [shown["lsrId"]]
    assert shown["progress"]["status"] == "VALIDATED"
    listed = (await carrier.control("GET", "/ports")).json()
    assert listed == {"ports": carrier.ports()}
    assert (await carrier.control("GET", "/ports/none")).status_code == 404
    assert (await carrier.control("GET", "/health")).json()["ports"] == 1


async def test_a_project_is_pushed_step_by_step(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.create(http)
    assert (await carrier.control("POST", f"/ports/{project}/advance")).status_code == 409
    await ports.upload(http, project, ports.csv_of(TN, "3034411001"))
    pushed = (await carrier.control("POST", f"/ports/{project}/advance")).json()
    assert pushed["progress"]["status"] == "VALIDATED"
    assert (await carrier.control("POST", f"/ports/{project}/advance")).status_code == 409
    await ports.post(http, project, "submit", focDate="2026-12-01")
    seen = []
    for _ in range(5):
        pushed = (await carrier.control("POST", f"/ports/{project}/advance")).json()
        seen.append(pushed["status"])
    assert seen == ["PENDING", "CONFIRMED", "FOC_ASSIGNED", "ACTIVATING", "COMPLETE"]
    # The clock stands still; only this project's life went on.
    assert pushed["activatedAt"] == "2026-11-21T18:00:00.000Z"
    assert carrier.state(TN)["status"] == "IN_USE"
    assert (await carrier.control("POST", f"/ports/{project}/advance")).status_code == 409


async def test_a_project_is_pushed_to_a_status(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.submitted(carrier, http, TN)
    body = {"to": "FOC_ASSIGNED"}
    pushed = (await carrier.control("POST", f"/ports/{project}/advance", body)).json()
    assert pushed["status"] == "FOC_ASSIGNED"
    other = await ports.submitted(carrier, http, "3034429109")
    body = {"to": "COMPLETE"}
    pushed = (await carrier.control("POST", f"/ports/{other}/advance", body)).json()
    assert pushed["status"] == "REJECTED"


async def test_an_order_is_rejected_by_hand(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.submitted(carrier, http, TN, "3034411001")
    body = {"code": "8D", "message": "Address", "field": "address", "tns": ["+13034411001", "x"]}
    shown = (await carrier.control("POST", f"/ports/{project}/reject", body)).json()
    assert shown["status"] == "REJECTED"
    assert shown["rejection"] == {
        "code": "8D",
        "message": "Address",
        "field": "address",
        "tns": ["3034411001"],
        "at": "2026-11-21T18:00:01.400Z",
    }
    assert shown["next"] is None
    again = await carrier.control("POST", f"/ports/{project}/reject")
    assert again.status_code == 409
    await ports.post(http, project, "submit", focDate="2026-12-01")
    usual = (await carrier.control("POST", f"/ports/{project}/reject")).json()["rejection"]
    assert (usual["code"], usual["tns"]) == ("8A", [TN, "3034411001"])


WRONG: list[tuple[str, Any]] = [
    ("reject", {"cod": "8A"}),
    ("reject", {"tns": "x"}),
    ("advance", {"to": "SOMEWHERE"}),
    ("advance", {"seconds": 5}),
]


@pytest.mark.parametrize(("call", "body"), WRONG)
async def test_a_wrong_push_is_400(
    carrier: Sandbox, http: httpx.AsyncClient, call: str, body: Any
) -> None:
    project = await ports.submitted(carrier, http, TN)
    answer = await carrier.control("POST", f"/ports/{project}/{call}", body)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert carrier.port(project)["status"] == "SUBMITTED"
