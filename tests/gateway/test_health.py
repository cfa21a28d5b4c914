"""Liveness, readiness and metrics of both processes."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import asyncpg
import httpx

from db.roles import Urls
from gateway.health import readiness
from gateway.local.house import free_port
from gateway.wiring import platform
from gateway.worker import exposed, signs_given
from tests.kit.postgres import TestCluster
from tests.kit.stack import CUSTOMER_A, Stack, running


async def test_a_gateway_without_a_worker_serves_and_says_so(database_urls: Urls) -> None:
    async with running(database_urls, worker=False) as stack:
        assert (await stack.client.get("/healthz")).json() == {"status": "ok"}
        answer = await stack.client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json()["worker"] == {
            "ready": False,
            "reason": "no worker has ever given a sign; start one: warp-numbers worker",
        }


async def test_a_silent_worker_is_told_with_its_age(
    stack: Stack, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "INSERT INTO ops.sign (process, seen_at) VALUES ('w', clock_timestamp() - interval '90 s')"
    )
    assert "for 90 s" in (await stack.client.get("/readyz")).json()["worker"]["reason"]


async def test_an_open_breaker_shows_in_readiness_and_metrics(
    stack: Stack, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "UPDATE ops.token SET breaker = 'OPEN', open_until = clock_timestamp() + interval '1 h'"
    )
    found = (await stack.client.get("/readyz")).json()["carrier"]
    assert found == {"ready": False, "reason": "breaker OPEN"}
    metrics = (await stack.client.get("/metrics")).text
    assert 'warp_carrier_breaker{state="OPEN"} 1.0' in metrics
    assert 'warp_carrier_breaker{state="CLOSED"} 0.0' in metrics


async def test_without_the_database_the_gateway_lives_but_is_not_ready(
    stack: Stack,
    postgres_cluster: TestCluster,
    database_urls: Urls,
) -> None:
    await postgres_cluster.drop(database_urls)
    assert (await stack.client.get("/healthz")).status_code == 200
    answer = await stack.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"]["reason"] == "the database does not answer"
    assert answer.json()["carrier"]["reason"] == "the carrier's budget cannot be read"
    assert (await stack.client.get("/metrics")).status_code == 200


async def test_metrics_tell_of_calls_operations_and_budget_and_of_nobody(stack: Stack) -> None:
    found = await stack.data(
        '{ searchInventory(input: { npas: ["303"] }, first: 1) { nodes { number } } }'
    )
    number = found["searchInventory"]["nodes"][0]["number"]
    await stack.data(
        "mutation($i: ReserveNumbersInput!) { reserveNumbers(input: $i) { errors { message } } }",
        {"i": {"numbers": [number], "idempotencyKey": "metrics"}},
    )
    text = (await stack.client.get("/metrics")).text
    assert re.search(r'warp_carrier_calls_total\{.*outcome="OK".*reserve.*\} [1-9]', text)
    assert "warp_carrier_budget_limit 6000.0" in text
    assert re.search(r'warp_graphql_operations_total\{code="OK",type="mutation"\} [1-9]', text)
    assert re.search(r"warp_carrier_budget_used [1-9]", text)
    for secret in (number, number[2:], CUSTOMER_A, "alice@aspen.example", stack.sandbox.token):
        assert secret not in text


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait, at most ten seconds, for something that another task brings about."""
    async with asyncio.timeout(10):
        while not await condition():  # noqa: ASYNC110 - nothing here could set an event
            await asyncio.sleep(0)


async def test_a_worker_gives_signs_and_shows_its_metrics(database_urls: Urls) -> None:
    port = free_port(0, "WORKER_METRICS_PORT")
    async with running(database_urls, worker=False, worker_metrics_port=port) as stack:
        url = stack.settings.worker_database_url
        async with (
            platform(stack.settings, url=url, application_name="test-worker") as opened,
            signs_given(opened),
            exposed(opened, stack.settings),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        ):

            async def listening() -> bool:
                try:
                    return (await client.get("/healthz")).status_code == 200
                except httpx.ConnectError:
                    return False

            async def seen() -> bool:
                return bool((await readiness(stack.platform))["worker"]["ready"])

            await until(listening)
            await until(seen)
            text = (await client.get("/metrics")).text
    assert re.search(r"warp_worker_last_seen_seconds [0-4]", text)
