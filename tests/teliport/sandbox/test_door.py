"""Token, permissions, unknown paths, and the rate limit."""

import itertools
from collections.abc import Awaitable, Callable

import httpx
import pytest

from teliport.sandbox.config import DEFAULT_TOKEN, Permission, SandboxConfig
from teliport.sandbox.ratelimit import RateLimit
from tests.kit.sandbox import Sandbox, sandbox
from tests.teliport.sandbox import steps

ONE_EACH = {"rng_" + permission.name * 8: frozenset({permission}) for permission in Permission}


def test_the_default_token_has_the_carriers_shape() -> None:
    assert len(DEFAULT_TOKEN) == 52
    assert DEFAULT_TOKEN.startswith("rng_")


HEADERS = [{}, {"Authorization": ""}, {"Authorization": "Bearer rng_other"}]
BASIC = {"Authorization": f"Basic {DEFAULT_TOKEN}"}


@pytest.mark.parametrize("headers", [*HEADERS, BASIC, {"Authorization": "Bearer"}])
async def test_without_a_known_token_everything_is_401(
    carrier: Sandbox, http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    http.headers.pop("Authorization")
    for method, path in (("GET", "/inventory/summary"), ("POST", "/nothing")):
        answer = await http.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"] == "Unauthorized"
    assert [call["status"] for call in carrier.calls()] == [401, 401]


Ask = Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]
NEEDS: dict[Permission, list[Ask]] = {
    Permission.SEARCH: [
        steps.get,
        lambda http, _: http.get("/inventory/summary"),
        lambda http, _: http.post("/inventory/query", json={"query": "npa=303"}),
        lambda http, _: http.post("/inventory/query/validate", json={"query": "npa=303"}),
    ],
    Permission.RESERVE: [steps.reserve],
    Permission.ASSIGN: [steps.assign, steps.put_metadata],
    Permission.RELEASE: [steps.release],
}


@pytest.mark.parametrize("token", ONE_EACH)
async def test_a_token_may_do_what_its_permissions_say(token: str) -> None:
    async with sandbox(SandboxConfig(tokens=ONE_EACH)) as carrier, carrier.client(token) as http:
        for permission, asks in NEEDS.items():
            for ask in asks:
                answer = await ask(http, "3035551234")
                allowed = permission in ONE_EACH[token]
                assert (answer.status_code != 403) is allowed
                assert allowed or permission.value in answer.json()["message"]


async def test_a_refused_permission_changes_nothing() -> None:
    token = next(token for token in ONE_EACH if Permission.SEARCH in ONE_EACH[token])
    async with sandbox(SandboxConfig(tokens=ONE_EACH)) as carrier, carrier.client(token) as http:
        assert (await steps.reserve(http, "3035551234")).status_code == 403
        assert carrier.state("3035551234")["status"] == "AVAILABLE"


@pytest.mark.parametrize("path", ["/", "/inventory", "/inventory/numbers", "/port-projects"])
async def test_an_unknown_path_is_404_in_the_carriers_shape(
    carrier: Sandbox, http: httpx.AsyncClient, path: str
) -> None:
    answer = await http.get(path)
    assert answer.status_code == 404
    assert answer.json()["path"] == f"/api/v1{path}"
    assert set(answer.json()) == {"error", "message", "timestamp", "path"}
    assert carrier.calls()[-1]["path"] == f"/api/v1{path}"


async def test_a_wrong_method_is_405(http: httpx.AsyncClient) -> None:
    answer = await http.delete("/inventory/numbers/3035551234")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


class Timer:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_the_window_slides_and_429_says_when_to_come_again() -> None:
    timer = Timer()
    config = SandboxConfig(rate_limit=3)
    async with sandbox(config, timer=timer) as carrier, carrier.client() as http:
        seen = []
        for _ in range(5):
            seen.append((await http.get("/inventory/summary")).status_code)
            timer.now += 10
        assert seen == [200, 200, 200, 429, 429]
        refused = await http.get("/inventory/summary")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
        assert refused.json()["error"] == "Too Many Requests"
        timer.now += 9.5
        assert (await http.get("/inventory/summary")).headers["retry-after"] == "1"
        timer.now += 0.5
        # One place is free, 60 s after the first arrival; the next is not for another 10 s.
        assert (await http.get("/inventory/summary")).status_code == 200
        assert (await http.get("/inventory/summary")).headers["retry-after"] == "10"
        assert [call["status"] for call in carrier.calls()][-2:] == [200, 429]


async def test_advancing_the_sandbox_does_not_open_the_window() -> None:
    async with sandbox(SandboxConfig(rate_limit=1)) as carrier, carrier.client() as http:
        await http.get("/inventory/summary")
        carrier.advance(3600)
        assert (await http.get("/inventory/summary")).status_code == 429


async def test_429_without_the_header_by_switch() -> None:
    config = SandboxConfig(rate_limit=0, retry_after=False)
    async with sandbox(config) as carrier, carrier.client() as http:
        answer = await http.get("/inventory/summary")
        assert answer.status_code == 429
        assert "retry-after" not in answer.headers


async def test_tokens_have_windows_of_their_own() -> None:
    config = SandboxConfig(rate_limit=1, tokens={"rng_other": frozenset(Permission)})
    async with (
        sandbox(config) as carrier,
        carrier.client() as http,
        carrier.client("rng_other") as other,
    ):
        assert (await http.get("/inventory/summary")).status_code == 200
        assert (await http.get("/inventory/summary")).status_code == 429
        assert (await other.get("/inventory/summary")).status_code == 200


async def test_a_429_uses_up_no_fault_and_changes_nothing() -> None:
    async with sandbox(SandboxConfig(rate_limit=0)) as carrier, carrier.client() as http:
        fault = await carrier.fault("503", nth=1)
        assert (await steps.reserve(http, "3035551234")).status_code == 429
        assert carrier.state("3035551234")["status"] == "AVAILABLE"
        (kept,) = (await carrier.control("GET", "/faults")).json()["faults"]
        assert (kept["id"], kept["seen"], kept["fired"]) == (fault, 0, 0)


@pytest.mark.parametrize("count_refused", [True, False])
def test_no_window_of_60_seconds_lets_in_more_than_the_limit(count_refused: bool) -> None:
    timer = Timer()
    limit = RateLimit(5, count_refused=count_refused, timer=timer)
    let_in: list[float] = []
    steps_of_time = itertools.cycle([0.0, 0.0, 0.3, 7.1, 0.0, 19.7, 0.05, 3.3])
    for _ in range(2000):
        timer.now += next(steps_of_time)
        if limit.arrive("t") is None:
            let_in.append(timer.now)
    assert all(later - earlier >= 60 for earlier, later in zip(let_in, let_in[5:], strict=False))
    # Whoever keeps knocking is never let in again where refused arrivals count.
    assert (len(let_in) == 5) is count_refused


def test_the_wait_that_is_told_is_enough() -> None:
    timer = Timer()
    limit = RateLimit(2, count_refused=True, timer=timer)
    for _ in range(5):
        limit.arrive("t")
        timer.now += 3
    wait = limit.arrive("t")
    assert wait is not None
    timer.now += wait
    assert limit.arrive("t") is None
