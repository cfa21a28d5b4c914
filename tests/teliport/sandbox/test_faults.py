"""Every fault switch, in process: what the caller sees, and what really happened."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from teliport.sandbox.config import SandboxConfig
from tests.kit.sandbox import Sandbox, sandbox
from tests.teliport.sandbox import steps

TN = "3035551234"


async def outcome(http: httpx.AsyncClient, tn: str = TN) -> int | type[Exception]:
    """The status of an assign, or the error that its caller sees."""
    try:
        return (await steps.assign(http, tn, warp_op_id="op-1")).status_code
    except httpx.TransportError as error:
        return type(error)


async def turns_until(condition: Callable[[], bool]) -> None:
    """Give the event loop turns until the condition holds; fails after very many."""
    for _ in range(1000):
        await asyncio.sleep(0)
        if condition():
            return
    pytest.fail("the event loop came to rest without it")


BROKEN: list[tuple[str, Mapping[str, Any], int | type[Exception], bool]] = [
    ("refuse", {}, httpx.ConnectError, False),
    ("reset_before", {}, httpx.ReadError, False),
    ("reset_after", {}, httpx.ReadError, True),
    ("truncated", {}, httpx.RemoteProtocolError, True),
    ("429", {}, 429, False),
    ("500", {}, 500, False),
    ("502", {"applied": True}, 502, True),
    ("503", {}, 503, False),
    ("504", {"applied": True}, 504, True),
    ("html", {}, 200, False),
    ("html", {"applied": True, "status": 502}, 502, True),
    ("wrong_content_type", {}, 200, True),
    ("malformed_json", {}, 200, True),
    ("wrong_number", {}, 200, True),
    ("late_apply", {}, 504, False),
    ("late_apply", {"status": 0}, httpx.ReadError, False),
    ("port_away", {}, 409, False),
    ("steal", {}, 200, True),
]


@pytest.mark.parametrize(("action", "options", "seen", "applied"), BROKEN)
async def test_what_the_caller_sees_and_what_really_happened(
    carrier: Sandbox,
    http: httpx.AsyncClient,
    action: str,
    options: Mapping[str, Any],
    seen: int | type[Exception],
    applied: bool,
) -> None:
    fault = await carrier.fault(action, path="*/assign", **options)
    assert await outcome(http) == seen
    (call,) = carrier.calls()
    assert call["status"] == (seen if isinstance(seen, int) else None) or action == "truncated"
    assert call["applied"] is applied
    assert call["faults"] == [fault]
    in_use = carrier.state(TN)["status"] == "IN_USE"
    assert in_use is applied
    await carrier.clear_faults()
    again = await outcome(http)
    assert again == (409 if applied or action == "port_away" else 200)


@pytest.mark.parametrize(("options", "header"), [({}, None), ({"retry_after": 7}, "7")])
async def test_429_with_the_header_and_without(
    carrier: Sandbox, http: httpx.AsyncClient, options: Mapping[str, Any], header: str | None
) -> None:
    await carrier.fault("429", **options)
    answer = await steps.get(http, TN)
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, header)


async def test_bodies_that_cannot_be_believed(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    await carrier.fault("html", nth=1)
    await carrier.fault("wrong_content_type", nth=2)
    await carrier.fault("malformed_json", nth=3)
    await carrier.fault("wrong_number", nth=4)
    await carrier.fault("wrong_number", path="*/summary")
    answers = [await steps.get(http, TN) for _ in range(5)]
    kinds = [answer.headers["content-type"].partition(";")[0] for answer in answers]
    assert kinds == ["text/html", "text/plain", *["application/json"] * 3]
    assert answers[0].text.startswith("<!doctype")
    assert answers[1].json() == answers[4].json()
    with pytest.raises(ValueError, match=r"."):
        answers[2].json()
    wrong = answers[3].json()
    assert wrong.pop("telephoneNumber") != TN
    assert wrong.items() <= answers[4].json().items()
    assert (await http.get("/inventory/summary")).json()["totalNumbers"] > 0


async def test_a_refused_call_stays_refused_under_a_broken_answer(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await steps.assign(http, TN, first="yes")
    await carrier.fault("reset_after")
    assert await outcome(http) is httpx.ReadError
    assert carrier.calls()[-1]["applied"] is False
    assert carrier.state(TN)["applicationMetadata"] == {"first": "yes"}


async def test_a_late_call_takes_effect_when_its_time_comes(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await carrier.fault("late_apply", path="*/assign", seconds=40, times=1)
    assert await outcome(http) == 504
    carrier.advance(39)
    assert (await steps.get(http, TN)).json()["status"] == "AVAILABLE"
    carrier.advance(1.5)
    record = (await steps.get(http, TN)).json()
    assert record["applicationMetadata"] == {"warp_op_id": "op-1"}
    assert carrier.calls()[0]["applied"] is True


async def test_late_calls_take_effect_in_the_order_of_their_time(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    """A hold that runs out between two late calls is over for the second."""
    await steps.reserve(http, TN)
    carrier.advance(880)
    await carrier.fault("late_apply", path="*/reserve", seconds=30, nth=1)
    await carrier.fault("late_apply", path="*/reserve", seconds=10, nth=2)
    await steps.reserve(http, TN, "LATE")
    await steps.reserve(http, TN, "TOO-EARLY")
    carrier.advance(60)
    assert carrier.state(TN)["reservedBy"] == "LATE"
    assert [call["applied"] for call in carrier.calls()] == [True, True, False]


async def test_a_slow_answer_arrives_when_the_clock_is_advanced(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await carrier.fault("slow", seconds=35, when="after")
    answer = asyncio.ensure_future(steps.assign(http, TN))
    await turns_until(lambda: bool(carrier.calls()) and carrier.calls()[0]["applied"])
    carrier.advance(30)
    await asyncio.sleep(0)
    assert not answer.done()
    carrier.advance(6)
    assert (await answer).status_code == 200


async def test_a_slow_answer_really_takes_its_time(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await carrier.fault("slow", seconds=0.02)
    started = asyncio.get_running_loop().time()
    assert (await steps.get(http, TN)).status_code == 200
    assert asyncio.get_running_loop().time() - started >= 0.02


async def test_a_caller_that_gives_up_does_not_stop_a_slow_call(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await carrier.fault("slow", seconds=35, when="before", path="*/assign")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(steps.assign(http, TN), 0.01)
    assert carrier.state(TN)["status"] == "AVAILABLE"
    carrier.advance(36)
    await carrier.transport.settled()
    assert carrier.state(TN)["status"] == "IN_USE"


async def test_closing_the_sandbox_ends_its_slow_calls() -> None:
    async with sandbox() as carrier, carrier.client() as http:
        await carrier.fault("slow", seconds=3600)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(steps.get(http, TN), 0.01)
    assert carrier.calls()[0]["status"] is None


async def test_a_hold_ends_while_its_assign_is_slow(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await steps.reserve(http, TN)
    await carrier.fault("slow", seconds=1000, path="*/release")
    answer = asyncio.ensure_future(steps.release(http, TN))
    await turns_until(lambda: len(carrier.calls()) == 2)
    carrier.advance(1001)
    assert (await answer).status_code == 409


@pytest.mark.parametrize("when", ["before", "after"])
async def test_somebody_steals_a_number(
    carrier: Sandbox, http: httpx.AsyncClient, when: str
) -> None:
    await carrier.fault("steal", tn=TN, path="*/reserve", holder="RIVAL", when=when)
    expected = 409 if when == "before" else 200
    assert (await steps.reserve(http, TN)).status_code == expected
    assert carrier.state(TN)["reservedBy"] == "RIVAL"


async def test_a_hold_is_ended_early(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    await carrier.fault("expire_hold", path="*/reserve", when="after")
    assert (await steps.reserve(http, TN)).json()["status"] == "RESERVED"
    assert carrier.state(TN)["status"] == "AVAILABLE"
    # A number that nobody holds stays as it is.
    await carrier.fault("expire_hold", path="*/assign", when="after")
    await steps.assign(http, TN)
    assert carrier.state(TN)["status"] == "IN_USE"


async def test_metadata_changes_behind_our_back(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    await steps.assign(http, TN, a=1, b=2)
    await carrier.fault("change_metadata", metadata={"a": "theirs", "b": None})
    record = (await steps.get(http, TN)).json()
    assert record["applicationMetadata"] == {"a": "theirs"}


async def test_meddling_needs_a_number(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    await carrier.fault("steal")
    assert (await http.get("/inventory/summary")).status_code == 200
    assert (await steps.get(http, "9999999999")).status_code == 404
    assert (await steps.get(http, "abc")).status_code == 404
    assert carrier.world.inventory.changed == {}


COUNTS: list[tuple[Mapping[str, Any], list[int]]] = [
    ({}, [1, 2, 3, 4, 5, 6]),
    ({"times": 2}, [1, 2]),
    ({"nth": 3}, [3]),
    ({"nth": 3, "times": 2}, [3, 4]),
    ({"every": 2}, [2, 4, 6]),
    ({"every": 2, "times": 1}, [2]),
    ({"probability": 0}, []),
    ({"probability": 1}, [1, 2, 3, 4, 5, 6]),
]


@pytest.mark.parametrize(("switch", "hit"), COUNTS)
async def test_how_often_a_fault_fires(
    carrier: Sandbox, http: httpx.AsyncClient, switch: Mapping[str, Any], hit: list[int]
) -> None:
    await carrier.fault("503", **switch)
    answers = [(await steps.get(http, TN)).status_code for _ in range(6)]
    assert [number for number, status in enumerate(answers, 1) if status == 503] == hit
    (fault,) = (await carrier.control("GET", "/faults")).json()["faults"]
    assert (fault["seen"], fault["fired"]) == (6, len(hit))


async def test_chance_comes_from_the_seed() -> None:
    runs = []
    for seed in (7, 7, 8):
        async with sandbox(SandboxConfig(seed=seed, rate_limit=1000)) as carrier:
            await carrier.fault("503", probability=0.5)
            async with carrier.client() as http:
                path = "/inventory/summary"
                runs.append([(await http.get(path)).status_code for _ in range(40)])
    assert runs[0] == runs[1] != runs[2]
    assert 5 < runs[0].count(503) < 35


MATCHES: list[tuple[Mapping[str, str], bool]] = [
    ({}, True),
    ({"method": "post"}, True),
    ({"method": "GET"}, False),
    ({"path": "/inventory/numbers/*/reserve"}, True),
    ({"path": "/api/v1/inventory/numbers/*"}, True),
    ({"path": "*/assign"}, False),
    ({"tn": TN}, True),
    ({"tn": "+1 303 555 1234"}, True),
    ({"tn": "3035551235"}, False),
    ({"tn": TN, "path": "*/assign"}, False),
]


@pytest.mark.parametrize(("match", "hit"), MATCHES)
async def test_which_calls_a_fault_takes(
    carrier: Sandbox, http: httpx.AsyncClient, match: Mapping[str, str], hit: bool
) -> None:
    await carrier.fault("503", **match)
    assert (await steps.reserve(http, TN)).status_code == (503 if hit else 200)


async def test_of_several_faults_the_first_answers_and_all_delays_count(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await carrier.fault("steal", holder="RIVAL")
    await carrier.fault("slow", seconds=0.001)
    await carrier.fault("502")
    await carrier.fault("reset_after")
    assert (await steps.reserve(http, TN)).status_code == 502
    assert carrier.state(TN)["reservedBy"] == "RIVAL"
    assert carrier.calls()[0]["faults"] == [f"fault-{number}" for number in range(1, 5)]


async def test_a_number_may_stand_for_a_status(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    await carrier.control("POST", "/faults", {"action": 503})
    assert (await steps.get(http, TN)).status_code == 503


async def test_faults_are_listed_and_cleared(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    first = await carrier.fault("503", tn=TN, method="get")
    second = await carrier.fault("502")
    listed = (await carrier.control("GET", "/faults")).json()["faults"]
    assert [fault["id"] for fault in listed] == [first, second]
    assert listed[0]["match"] == {"method": "GET", "path": None, "tn": TN}
    assert (await carrier.control("DELETE", f"/faults/{first}")).json() == {"cleared": 1}
    assert (await carrier.control("DELETE", f"/faults/{first}")).status_code == 404
    assert (await steps.get(http, TN)).status_code == 502
    assert (await carrier.control("DELETE", "/faults")).json() == {"cleared": 1}
    assert (await carrier.control("DELETE", "/faults")).json() == {"cleared": 0}
    assert (await steps.get(http, TN)).status_code == 200


async def test_a_fault_does_not_let_a_bad_token_in(carrier: Sandbox) -> None:
    await carrier.fault("html")
    async with carrier.client("rng_wrong") as http:
        assert (await steps.get(http, TN)).status_code == 401
