"""The control plane: truth, clock, reset, and its own refusals."""

from typing import Any

import httpx
import pytest

from teliport.sandbox.app import create_app
from teliport.sandbox.clock import NotAPeriod, seconds_of
from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.loopback import is_loopback
from tests.kit.sandbox import Sandbox, sandbox
from tests.teliport.sandbox import steps


async def test_health_tells_what_runs(carrier: Sandbox) -> None:
    health = (await carrier.control("GET", "/health")).json()
    assert health["status"] == "ok"
    assert health["seed"] == 7
    assert health["numbers"] > 100_000
    assert (health["changed"], health["faults"], health["advancedBySeconds"]) == (0, 0, 0)
    assert (await carrier.control("HEAD", "/health")).status_code == 200


@pytest.mark.parametrize("written", ["3035551234", "+13035551234", "(303) 555-1234"])
async def test_the_state_of_a_number(
    carrier: Sandbox, http: httpx.AsyncClient, written: str
) -> None:
    await steps.assign(http, "3035551234", a=1)
    answer = await carrier.control("GET", f"/state?tn={written.replace('+', '%2B')}")
    assert answer.json() == carrier.state("3035551234")
    assert answer.json()["applicationMetadata"] == {"a": 1}


@pytest.mark.parametrize("tn", ["9999999999", "", "x"])
async def test_the_state_of_an_unknown_number_is_404(carrier: Sandbox, tn: str) -> None:
    assert (await carrier.control("GET", f"/state?tn={tn}")).status_code == 404


async def test_the_state_shows_a_ported_away_number(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await carrier.fault("port_away", tn="+13035551234", spid="9123")
    assert (await steps.get(http, "3035551234")).status_code == 404
    state = (await carrier.control("GET", "/state?tn=3035551234")).json()
    assert (state["status"], state["currentOwnerSpid"]) == ("PORTED_OUT", "9123")


async def test_the_state_of_everything_is_counts_and_what_was_changed(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    before = (await carrier.control("GET", "/state")).json()
    assert before["changed"] == []
    tns = carrier.available("303", 2)
    for tn in tns:
        await steps.assign(http, tn)
    after = (await carrier.control("GET", "/state")).json()
    assert after["changed"] == [carrier.state(tn) for tn in tns]
    assert after["counts"]["IN_USE"] == before["counts"]["IN_USE"] + 2
    assert sum(after["counts"].values()) == sum(before["counts"].values())


async def test_the_log_has_every_arrival_in_order(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    (tn,) = carrier.available("303", 1)
    await steps.reserve(http, tn)
    await steps.reserve(http, tn)
    await http.get("/nothing")
    log = (await carrier.control("GET", "/calls")).json()
    assert log["total"] == 3
    assert log["calls"] == carrier.calls()
    assert [(call["seq"], call["status"], call["applied"]) for call in log["calls"]] == [
        (1, 200, True),
        (2, 409, False),
        (3, 404, False),
    ]
    assert [call["tn"] for call in log["calls"]] == [tn, tn, None]
    assert log["calls"][0]["path"] == f"/api/v1/inventory/numbers/{tn}/reserve"
    assert log["calls"][0]["method"] == "POST"
    since = (await carrier.control("GET", "/calls?since=2")).json()
    assert (since["total"], since["calls"]) == (3, log["calls"][2:])
    assert (await carrier.control("GET", "/calls?since=99")).json()["calls"] == []


async def test_advance_moves_the_clock_and_rate_only_the_port_life(carrier: Sandbox) -> None:
    moved = (await carrier.control("POST", "/clock", {"advance": "P1DT1H"})).json()
    assert moved["advancedBySeconds"] == 90_000
    assert (await carrier.control("POST", "/clock", {"rate": 60})).json()["rate"] == 60
    clock = (await carrier.control("GET", "/clock")).json()
    assert (clock["advancedBySeconds"], clock["rate"]) == (90_000, 60)
    assert abs(carrier.world.clock.now() - carrier.world.clock.wall() - 90_000) < 1


async def test_a_hold_ends_when_the_clock_is_advanced_over_http(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await steps.reserve(http, "3035551234")
    await carrier.control("POST", "/clock", {"advance": "PT15M"})
    assert (await steps.get(http, "3035551234")).json()["status"] == "AVAILABLE"


async def test_reset_begins_anew_with_the_seed_that_it_is_given(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    first = carrier.world.inventory.seeded
    await steps.assign(http, "3035551234")
    await carrier.fault("503")
    await carrier.control("POST", "/clock", {"advance": "P1D", "rate": 9})
    assert (await carrier.control("POST", "/reset", {"seed": 8})).json()["seed"] == 8
    health = (await carrier.control("GET", "/health")).json()
    assert (health["seed"], health["changed"], health["faults"]) == (8, 0, 0)
    assert (health["advancedBySeconds"], health["rate"]) == (0, 1)
    assert carrier.calls() == []
    assert carrier.world.inventory.seeded.statuses != first.statuses
    assert carrier.state("3035551234")["status"] == "AVAILABLE"
    # Without a seed: the same again.
    await steps.assign(http, "3035551234")
    assert (await carrier.control("POST", "/reset")).json()["seed"] == 8
    assert carrier.state("3035551234")["status"] == "AVAILABLE"


async def test_reset_forgets_the_rate_window() -> None:
    async with sandbox(SandboxConfig(rate_limit=1)) as carrier, carrier.client() as http:
        await http.get("/inventory/summary")
        await carrier.control("POST", "/reset")
        assert (await http.get("/inventory/summary")).status_code == 200


async def test_the_control_plane_is_no_carrier_call() -> None:
    async with sandbox(SandboxConfig(rate_limit=0)) as carrier:
        for _ in range(3):
            assert (await carrier.control("GET", "/health")).status_code == 200
        assert carrier.calls() == []


WRONG: list[tuple[str, str, Any]] = [
    ("POST", "/clock", {}),
    ("POST", "/clock", {"advance": "1 day"}),
    ("POST", "/clock", {"advance": 60}),
    ("POST", "/clock", {"rate": 0}),
    ("POST", "/clock", {"rate": True}),
    ("POST", "/clock", {"rate": "60"}),
    ("POST", "/clock", []),
    ("POST", "/reset", {"seed": "7"}),
    ("POST", "/reset", {"seed": True}),
    ("GET", "/calls?since=x", None),
    ("POST", "/faults", {}),
    ("POST", "/faults", {"action": "explode"}),
    ("POST", "/faults", {"action": "503", "nht": 2}),
    ("POST", "/faults", {"action": "503", "nth": 0}),
    ("POST", "/faults", {"action": "503", "probability": 1.5}),
    ("POST", "/faults", {"action": "slow", "when": "during"}),
    ("POST", "/faults", {"action": "503", "match": {"number": "3035551234"}}),
]


@pytest.mark.parametrize(("method", "path", "body"), WRONG)
async def test_a_wrong_control_call_is_400(
    carrier: Sandbox, method: str, path: str, body: Any
) -> None:
    answer = await carrier.control(method, path, body)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert carrier.world.faults.all() == []


async def test_control_bodies_must_be_json(carrier: Sandbox) -> None:
    async with httpx.AsyncClient(transport=carrier.transport, trust_env=False) as http:
        answer = await http.post(f"{carrier.root}/_sandbox/reset", content=b"{")
    assert answer.status_code == 400


async def test_an_unknown_action_offers_the_known_ones(carrier: Sandbox) -> None:
    answer = await carrier.control("POST", "/faults", {"action": "explode"})
    assert "reset_after" in answer.json()["validOptions"]


@pytest.mark.parametrize("client", [("10.1.2.3", 5000), None])
async def test_only_this_machine_may_use_the_switches(client: tuple[str, int] | None) -> None:
    app = create_app(SandboxConfig())
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": "/_sandbox/reset", "raw_path": b"",
        "query_string": b"", "headers": [], "client": client, "server": ("x", 1),
        "scheme": "http", "root_path": "", "http_version": "1.1",
    }  # fmt: skip
    await app(scope, receive, send)
    assert sent[0]["status"] == 403
    app.state.world.close()


LOOPBACK = {
    "127.0.0.1": True,
    "127.8.8.8": True,
    "::1": True,
    "localhost": True,
    "0.0.0.0": False,
    "10.0.0.1": False,
    "::": False,
    "example.com": False,
}


@pytest.mark.parametrize(("host", "loopback"), LOOPBACK.items())
def test_what_counts_as_this_machine(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


PERIODS = {"P1D": 86_400, "PT15M": 900, "PT1.5S": 1.5, "P1W": 604_800, "P1DT2H3M4S": 93_784}


@pytest.mark.parametrize(("period", "seconds"), PERIODS.items())
def test_periods(period: str, seconds: float) -> None:
    assert seconds_of(period) == seconds


@pytest.mark.parametrize("period", ["", "P", "PT", "P1DT", "1D", "P1M", "-P1D", "P1D "])
def test_what_is_no_period(period: str) -> None:
    with pytest.raises(NotAPeriod, match="P1D"):
        seconds_of(period)
