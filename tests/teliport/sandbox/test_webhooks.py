"""Webhooks: what is told, signed how, again when, and what the switches do to them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import httpx
import pytest

from teliport.sandbox.config import DEFAULT_WEBHOOK_SECRET, SandboxConfig
from teliport.sandbox.loopback import NotLoopback, is_loopback_url
from teliport.sandbox.outbox import BACK_OFF, KEPT, BadSecret, Kind, Receiver
from teliport.webhooks import Delivery, verify
from tests.kit.sandbox import UNLIMITED, WEBHOOK_URL, Sandbox, sandbox
from tests.teliport.sandbox import port_steps as ports
from tests.teliport.sandbox.port_steps import HOUR, NOW

TN = "3034411000"


@dataclass
class Ear:
    """A receiver that answers what it is told to, and 200 otherwise."""

    answers: list[int] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.heard.append(headers["webhook-id"])
        return self.answers.pop(0) if self.answers else 200


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def carrier(ear: Ear) -> AsyncIterator[Sandbox]:
    """A sandbox that begins on a Saturday in November and tells the ear."""
    async with sandbox(deliver=ear, wall=lambda: NOW) as opened:
        yield opened


def told(carrier: Sandbox) -> list[tuple[str, str, int]]:
    """Kind, status and sequence of what was sent so far."""
    return [(w.kind, w.json["data"]["status"], w.json["sequence"]) for w in carrier.webhooks]


async def test_the_life_of_a_port_is_told(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.submitted(carrier, http, TN, "3034429108")
    assert await carrier.deliver_webhooks() == 0
    ports.to_foc(carrier)
    assert await carrier.deliver_webhooks() == 5
    assert told(carrier) == [
        ("port-status", "PENDING", 1),
        ("port-status", "CONFIRMED", 2),
        ("port-status", "FOC_ASSIGNED", 3),
        ("port-status", "ACTIVATING", 4),
        ("port-activated", "ACTIVATING", 5),
    ]
    last = carrier.webhooks[-1]
    lsr = (await ports.get(http, project))["lsrId"]
    event = last.json["eventId"]
    assert last.json == {
        "eventId": event,
        "type": "port-activated",
        "projectId": project,
        "lsrId": lsr,
        "occurredAt": "2026-12-01T19:05:00.000Z",
        "sequence": 5,
        "data": {
            "status": "ACTIVATING",
            "activatedTns": [TN],
            "failedTns": [
                {"tn": "3034429108", "error": "NPAC did not broadcast the subscription version"}
            ],
        },
    }
    assert last.url == f"{WEBHOOK_URL}/port-activated"
    assert last.headers["webhook-id"] == f"msg_{event}"
    assert carrier.webhooks[2].json["data"] == {"status": "FOC_ASSIGNED", "focDate": "2026-12-01"}
    assert await carrier.deliver_webhooks() == 0
    await ports.post(http, project, "activate", tnList=["3034429108"])
    await carrier.deliver_webhooks()
    assert told(carrier)[-1] == ("port-activated", "COMPLETE", 6)


async def test_rejection_and_cancellation_are_told(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.submitted(carrier, http, "3034429110")
    carrier.advance(25 * HOUR)
    record = await ports.get(http, project)
    await ports.post(http, project, "cancel", reason="Enough")
    await carrier.deliver_webhooks()
    rejected, cancelled = carrier.webhooks[1:]
    assert rejected.json["data"] == {"status": "REJECTED", "rejection": record["rejection"]}
    assert rejected.json["lsrId"] == record["lsrId"]
    assert cancelled.kind == "port-cancelled"
    assert cancelled.json["data"] == {"status": "CANCELLED", "reason": "Enough"}


async def test_our_own_reader_believes_them(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.submitted(carrier, http, TN)
    carrier.advance(2 * HOUR)
    await carrier.deliver_webhooks()
    (sent,) = carrier.webhooks
    verify(
        [DEFAULT_WEBHOOK_SECRET],
        webhook_id=sent.headers["webhook-id"],
        timestamp=sent.headers["webhook-timestamp"],
        signature=sent.headers["webhook-signature"],
        body=sent.body,
        # The timestamp is real time, however far the sandbox was advanced.
        now=NOW,
    )
    delivery = Delivery.read(sent.headers["webhook-id"], sent.body)
    assert (delivery.type, delivery.project_id, delivery.sequence) == ("port-status", project, 1)
    assert delivery.data == {"status": "PENDING", "focDate": "2026-12-01"}


async def test_each_secret_signs_while_one_replaces_another(ear: Ear) -> None:
    secrets = ("a plain secret of 26 bytes", DEFAULT_WEBHOOK_SECRET)
    config = SandboxConfig(webhook_secrets=secrets, rate_limit=UNLIMITED)
    async with sandbox(config, deliver=ear, wall=lambda: NOW) as carrier, carrier.client() as http:
        await ports.submitted(carrier, http, TN)
        carrier.advance(2 * HOUR)
        await carrier.deliver_webhooks()
        (sent,) = carrier.webhooks
        signatures = sent.headers["webhook-signature"].split()
        assert len(signatures) == 2
        for secret, signature in zip(secrets, signatures, strict=True):
            verify(
                [secret],
                webhook_id=sent.headers["webhook-id"],
                timestamp=sent.headers["webhook-timestamp"],
                signature=signature,
                body=sent.body,
                now=NOW,
            )


async def test_what_is_not_answered_2xx_comes_again_later_each_time(
    carrier: Sandbox, http: httpx.AsyncClient, ear: Ear
) -> None:
    ear.answers = [500, 0, 401]
    await ports.submitted(carrier, http, TN)
    carrier.advance(2 * HOUR)
    assert await carrier.deliver_webhooks() == 1
    for wait in BACK_OFF[:3]:
        carrier.advance(wait - 1)
        assert await carrier.deliver_webhooks() == 0
        carrier.advance(2)
        assert await carrier.deliver_webhooks() == 1
    assert [webhook.status for webhook in carrier.webhooks] == [500, 0, 401, 200]
    assert len({webhook.body for webhook in carrier.webhooks}) == len(set(ear.heard)) == 1
    log = (await carrier.control("GET", "/webhooks")).json()
    (shown,) = log["deliveries"]
    assert (log["url"], shown["state"], shown["due"]) == (WEBHOOK_URL, "DELIVERED", None)
    assert [attempt["status"] for attempt in shown["attempts"]] == [500, None, 401, 200]
    assert shown["body"] == carrier.webhooks[0].json


async def test_it_gives_up_in_the_end(carrier: Sandbox, http: httpx.AsyncClient, ear: Ear) -> None:
    ear.answers = [503] * 100
    project = await ports.submitted(carrier, http, TN)
    await ports.post(http, project, "cancel", reason="x")
    for wait in (0.0, *BACK_OFF):
        carrier.advance(wait)
        assert await carrier.deliver_webhooks() == 1
    carrier.advance(100 * HOUR)
    assert await carrier.deliver_webhooks() == 0
    log = (await carrier.control("GET", "/webhooks")).json()["deliveries"]
    assert [each["state"] for each in log] == ["GIVEN_UP"]


async def test_a_dropped_webhook_is_never_sent(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    await carrier.fault("webhook_drop", path="*/port-status", nth=2)
    await ports.submitted(carrier, http, TN)
    ports.to_foc(carrier)
    await carrier.deliver_webhooks()
    assert [sequence for _, _, sequence in told(carrier)] == [1, 3, 4, 5]
    states = [d["state"] for d in (await carrier.control("GET", "/webhooks")).json()["deliveries"]]
    assert states == ["DELIVERED", "DROPPED", "DELIVERED", "DELIVERED", "DELIVERED"]


async def test_a_doubled_webhook_comes_twice_with_one_id(
    carrier: Sandbox, http: httpx.AsyncClient, ear: Ear
) -> None:
    await carrier.fault("webhook_duplicate", path="/webhooks/teliport/port-activated")
    await ports.submitted(carrier, http, TN)
    ports.to_foc(carrier)
    await carrier.deliver_webhooks()
    assert [sequence for _, _, sequence in told(carrier)] == [1, 2, 3, 4, 5, 5]
    assert ear.heard[-1] == ear.heard[-2]


async def test_a_reordered_webhook_comes_behind_the_next(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await carrier.fault("webhook_reorder", nth=2)
    await ports.submitted(carrier, http, TN)
    ports.to_foc(carrier)
    await carrier.deliver_webhooks()
    assert [sequence for _, _, sequence in told(carrier)] == [1, 3, 2, 4, 5]


async def test_without_a_next_one_it_comes_an_hour_later(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await carrier.fault("webhook_reorder")
    await ports.submitted(carrier, http, TN)
    carrier.advance(2 * HOUR)
    assert await carrier.deliver_webhooks() == 0
    carrier.advance(HOUR)
    assert await carrier.deliver_webhooks() == 1


async def test_a_delayed_webhook_is_late(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    await carrier.fault("webhook_delay", seconds=5 * HOUR, times=1)
    await ports.submitted(carrier, http, TN)
    carrier.advance(2 * HOUR)
    assert await carrier.deliver_webhooks() == 0
    carrier.advance(24 * HOUR)
    await carrier.deliver_webhooks()
    assert [sequence for _, _, sequence in told(carrier)] == [1, 2]
    carrier.advance(24 * HOUR)
    assert told(carrier)[0][1] == "PENDING"


async def test_webhook_switches_leave_calls_alone_and_the_reverse(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await carrier.fault("webhook_drop", method="GET")
    await carrier.fault("webhook_drop", path="*/port-cancelled")
    await carrier.fault("503", method="PUT")
    project = await ports.submitted(carrier, http, TN)
    await ports.post(http, project, "cancel", reason="x")
    assert await carrier.deliver_webhooks() == 0
    seen = [fault["seen"] for fault in (await carrier.control("GET", "/faults")).json()["faults"]]
    assert seen == [0, 1, 0]


async def test_nobody_is_told_when_there_is_no_url() -> None:
    async with sandbox(wall=lambda: NOW) as carrier, carrier.client() as http:
        project = await ports.submitted(carrier, http, TN)
        await ports.post(http, project, "cancel", reason="x")
        assert (await carrier.control("GET", "/webhooks")).json() == {"url": None, "deliveries": []}


async def test_the_receiver_can_be_changed(
    carrier: Sandbox, http: httpx.AsyncClient, ear: Ear
) -> None:
    project = await ports.submitted(carrier, http, TN)
    new = {"url": "http://[::1]:9/hooks/", "secrets": ["another secret of 24 bytes"]}
    assert (await carrier.control("POST", "/webhooks", new)).json()["url"] == "http://[::1]:9/hooks"
    carrier.advance(2 * HOUR)
    await carrier.deliver_webhooks()
    (sent,) = carrier.webhooks
    assert sent.url == "http://[::1]:9/hooks/port-status"
    verify(
        new["secrets"],
        webhook_id=sent.headers["webhook-id"],
        timestamp=sent.headers["webhook-timestamp"],
        signature=sent.headers["webhook-signature"],
        body=sent.body,
        now=NOW,
    )
    carrier.advance(23 * HOUR)
    # What is queued waits while there is no address, and what happens meanwhile is not told.
    await carrier.control("POST", "/webhooks", {"url": None})
    assert await carrier.deliver_webhooks() == 0
    await ports.post(http, project, "cancel", reason="x")
    await carrier.control("POST", "/webhooks", {"url": WEBHOOK_URL})
    assert await carrier.deliver_webhooks() == 1
    assert told(carrier)[-1][1] == "CONFIRMED"


WRONG_RECEIVERS = [
    {},
    {"url": "http://example.com/hook"},
    {"url": "https://127.0.0.1/hook"},
    {"url": "127.0.0.1"},
    {"url": "http://127.0.0.1:99999/hook"},
    {"url": "http:///hook"},
    {"url": 5},
    {"url": WEBHOOK_URL, "secrets": []},
    {"url": WEBHOOK_URL, "secrets": ["whsec_!"]},
    {"url": WEBHOOK_URL, "secret": "x"},
]


@pytest.mark.parametrize("body", WRONG_RECEIVERS)
async def test_a_wrong_receiver_is_400(carrier: Sandbox, body: object) -> None:
    answer = await carrier.control("POST", "/webhooks", body)
    assert answer.status_code == 400
    assert "whsec_!" not in answer.text
    assert carrier.world.receiver.url == WEBHOOK_URL


def test_a_sandbox_that_would_tell_others_does_not_start() -> None:
    with pytest.raises(NotLoopback, match="this machine only"):
        Receiver("http://10.0.0.1/hook", ())
    with pytest.raises(BadSecret, match="base64"):
        Receiver(None, ("whsec_?",))
    assert is_loopback_url("http://localhost:8000/x")


async def test_a_reset_while_sending_forgets_the_message() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(url: str, headers: Mapping[str, str], body: bytes) -> int:
        begun.set()
        await go_on.wait()
        return 200

    async with sandbox(deliver=slow, wall=lambda: NOW) as carrier, carrier.client() as http:
        project = await ports.submitted(carrier, http, TN)
        await ports.post(http, project, "cancel", reason="x")
        sending = asyncio.ensure_future(carrier.deliver_webhooks())
        await begun.wait()
        await carrier.control("POST", "/reset")
        go_on.set()
        await sending
        assert (await carrier.control("GET", "/webhooks")).json()["deliveries"] == []
        assert carrier.ports() == []


async def test_the_log_keeps_the_last_thousand(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.create(http)
    kept = carrier.world.ports.find(project)
    for _ in range(KEPT + 5):
        carrier.world.ports.tell(Kind.STATUS, kept, NOW, {})
        await carrier.deliver_webhooks()
    log = (await carrier.control("GET", "/webhooks")).json()["deliveries"]
    assert len(log) == KEPT
    assert log[-1]["body"]["sequence"] == KEPT + 5
