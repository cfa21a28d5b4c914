"""Gateways as processes: the sandbox tells them, and what one takes in or signs the other knows."""

import json
import time
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from gateway.links import DocumentLinks
from teliport import webhooks
from tests.kit.live import LiveStack, second_gateway
from tests.kit.waiting import wait_until
from tests.teliport.sandbox.port_steps import csv_of

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("live")]

BODY = json.dumps({"type": "port-status", "projectId": "nobody-s", "data": {}}).encode()


@pytest.fixture(scope="module")
def other(live_stack: LiveStack) -> Iterator[str]:
    with second_gateway(live_stack) as url:
        yield url


def secret(stack: LiveStack, name: str) -> str:
    kept: dict[str, str] = json.loads((stack.data_dir / "secrets.json").read_text())
    return kept[name]


def first(stack: LiveStack) -> str:
    return str(stack.dev["graphqlUrl"]).removesuffix("/graphql")


def counted(url: str, outcome: str) -> float:
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    (line,) = [
        each for each in text.splitlines() if f'warp_webhooks_total{{outcome="{outcome}"' in each
    ]
    return float(line.split()[-1])


def test_a_delivery_that_comes_to_both_is_kept_once(live_stack: LiveStack, other: str) -> None:
    signed = webhooks.headers(
        [secret(live_stack, "webhook_secret")], f"msg_{uuid4()}", int(time.time()), BODY
    )
    for url in (first(live_stack), other):
        answer = httpx.post(
            f"{url}/webhooks/teliport/port-status", content=BODY, headers=signed, trust_env=False
        )
        assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert counted(other, "RECEIVED") == 0
    assert counted(other, "REPEATED") == 1


def test_a_link_of_one_is_good_at_the_other(live_stack: LiveStack, other: str) -> None:
    key = secret(live_stack, "secrets_key")
    for url in (first(live_stack), other):
        good = DocumentLinks(url, [key]).link(uuid4())
        assert httpx.get(good, trust_env=False).status_code == 404
        assert httpx.get(good[:-1] + "x", trust_env=False).status_code == 403


def test_the_sandbox_tells_the_gateway_of_a_port(live_stack: LiveStack) -> None:
    before = counted(first(live_stack), "RECEIVED")
    carrier = httpx.Client(
        base_url=live_stack.dev["sandboxUrl"],
        headers={"authorization": f"Bearer {secret(live_stack, 'teliport_token')}"},
        trust_env=False,
    )
    with carrier:
        made = carrier.post(
            "/api/v1/port-projects/projects", json={"name": "Told of", "spid": "567G"}
        )
        project = f"/api/v1/port-projects/projects/{made.json()['id']}"
        carrier.post(f"{project}/upload", files={"file": ("n.csv", csv_of("3034417001"))})
        cancelled = carrier.post(f"{project}/cancel", json={"reason": "only to be told"})
        assert cancelled.status_code == 200, cancelled.text
    wait_until(lambda: counted(first(live_stack), "RECEIVED") > before, 20)
