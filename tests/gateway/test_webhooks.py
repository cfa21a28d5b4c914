"""The door for the carrier's news: what is believed, what is stored, what is answered (S12)."""

import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from pydantic import SecretStr

from db.roles import Urls
from gateway import telemetry
from gateway.webhooks import KINDS, LARGEST_BODY, Outcome
from teliport import webhooks
from tests.kit.asgi import Talk
from tests.kit.postgres import TestCluster
from tests.kit.quiet import logged
from tests.kit.stack import WEBHOOK_SECRET, Stack, running

__all__ = ["logged"]

PATH = "/webhooks/teliport/port-status"
NEWER = "whsec_bmV3ZXIgc2VjcmV0IG9mIHRoZSB0ZXN0cywgMzI="
CANARY = "ACCT-CANARY"


def body_of(**changes: Any) -> bytes:
    body = {
        "eventId": "e-1",
        "type": "port-status",
        "projectId": "no-such-project",
        "lsrId": "LSR-1",
        "occurredAt": "2026-11-22T10:00:00Z",
        "sequence": 1,
        "data": {"status": "CONFIRMED", "note": CANARY},
    }
    return orjson.dumps({**body, **changes})


@pytest.fixture
async def quiet_stack(database_urls: Urls) -> AsyncIterator[Stack]:
    """Without a worker: what is received stays as it came."""
    secrets = SecretStr(f"{NEWER}, {WEBHOOK_SECRET}")
    async with running(database_urls, worker=False, teliport_webhook_secrets=secrets) as opened:
        yield opened


async def deliver(
    stack: Stack,
    body: bytes | None = None,
    *,
    name: str = "msg_1",
    secret: str = WEBHOOK_SECRET,
    late: float = 0,
    path: str = PATH,
    **headers: str,
) -> httpx.Response:
    """Send a delivery as the carrier would; `headers` replace its own."""
    body = body_of() if body is None else body
    signed = webhooks.headers([secret], name, int(time.time() - late), body)
    changed = {key.replace("_", "-"): value for key, value in headers.items()}
    return await stack.client.post(path, content=body, headers={**signed, **changed})


async def stored(owner: asyncpg.Connection) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await owner.fetch(
        "SELECT w.id, w.type, w.carrier_id, o.state FROM ops.webhook w"
        " JOIN ops.operation o ON o.id = w.operation_id ORDER BY w.received_at"
    )
    return found


async def nothing_stored(owner: asyncpg.Connection) -> bool:
    return (
        await owner.fetchval(
            "SELECT NOT EXISTS (SELECT FROM ops.webhook)"
            " AND NOT EXISTS (SELECT FROM ops.operation) AND NOT EXISTS (SELECT FROM ops.event)"
        )
        is True
    )


def counted(outcome: Outcome) -> float:
    found = telemetry.registry.get_sample_value("warp_webhooks_total", {"outcome": outcome.value})
    return found or 0.0


class TestTakenIn:
    @pytest.mark.parametrize(
        "strange",
        [
            {"sequence": "9" * 4_000},
            {"sequence": -1},
            {"occurredAt": "9999-12-31T23:59:59-12:00"},
            {"occurredAt": "0001-01-01T00:00:00+12:00"},
            {"occurredAt": 1e300},
            {"lsrId": "L" * 10_000},
            {"eventId": {"a": ["\0"]}},
            {"data": {"status": "\0"}},
        ],
        ids=lambda value: str(value)[:40],
    )
    async def test_what_cannot_be_kept_of_a_good_one_is_left_out(
        self, strange: dict[str, Any], quiet_stack: Stack, owner: asyncpg.Connection
    ) -> None:
        assert (await deliver(quiet_stack, body_of(**strange))).status_code == 200
        assert [row["id"] for row in await stored(owner)] == ["msg_1"]

    @pytest.mark.parametrize("kind", sorted(KINDS))
    async def test_a_signed_delivery_is_kept_with_its_operation(
        self, kind: str, quiet_stack: Stack, owner: asyncpg.Connection
    ) -> None:
        answer = await deliver(quiet_stack, path=f"/webhooks/teliport/{kind}")
        assert (answer.status_code, answer.json()) == (200, {"received": True})
        (row,) = await stored(owner)
        assert (row["id"], row["type"], row["carrier_id"]) == (
            "msg_1", "port-status", "no-such-project",
        )  # fmt: skip
        assert row["state"] in {"PENDING", "READY", "WAITING", "QUEUED"}

    async def test_either_secret_will_do_while_one_replaces_the_other(
        self, quiet_stack: Stack, owner: asyncpg.Connection
    ) -> None:
        assert (await deliver(quiet_stack, name="m1", secret=NEWER)).status_code == 200
        assert (await deliver(quiet_stack, name="m2")).status_code == 200
        assert [row["id"] for row in await stored(owner)] == ["m1", "m2"]

    async def test_the_same_id_is_kept_once_and_thanked_for_again(
        self, quiet_stack: Stack, owner: asyncpg.Connection
    ) -> None:
        before = counted(Outcome.REPEATED)
        await deliver(quiet_stack)
        again = await deliver(quiet_stack, body_of(sequence=2))
        assert (again.status_code, again.json()) == (200, {"received": True})
        assert len(await stored(owner)) == 1
        assert counted(Outcome.REPEATED) == before + 1

    async def test_five_minutes_either_way_are_allowed(self, quiet_stack: Stack) -> None:
        assert (await deliver(quiet_stack, name="m1", late=290)).status_code == 200
        assert (await deliver(quiet_stack, name="m2", late=-290)).status_code == 200

    async def test_the_largest_body_fits(
        self, quiet_stack: Stack, owner: asyncpg.Connection
    ) -> None:
        body = body_of(data={"pad": ""})
        body = body_of(data={"pad": "x" * (LARGEST_BODY - len(body))})
        assert len(body) == LARGEST_BODY
        assert (await deliver(quiet_stack, body)).status_code == 200
        assert len(await stored(owner)) == 1

    async def test_the_answer_does_not_wait_for_the_carrier(self, quiet_stack: Stack) -> None:
        await deliver(quiet_stack)
        assert quiet_stack.sandbox.calls() == []


class TestRefused:
    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"secret": "a secret of somebody else"}, 401),
            ({"webhook_signature": ""}, 401),
            ({"webhook_signature": "v1,AAAA"}, 401),
            ({"webhook_signature": "CANARY"}, 401),
            ({"webhook_id": ""}, 401),
            ({"webhook_id": "msg_2"}, 401),
            ({"webhook_timestamp": ""}, 401),
            ({"webhook_timestamp": "yesterday"}, 401),
            ({"late": 310}, 400),
            ({"late": -310}, 400),
            ({"body": b"{broken CANARY"}, 400),
            ({"body": b"[1]"}, 400),
            ({"body": b""}, 400),
            ({"body": orjson.dumps({"type": "CANARY"})}, 400),
            ({"name": "m" * 300}, 400),
            ({"body": body_of(projectId="a\0b")}, 400),
            ({"body": body_of(lsrId="a\0b")}, 400),
            ({"body": body_of(eventId="a\0b")}, 400),
            ({"body": body_of(type="status\r\nCANARY")}, 400),
            ({"body": b'{"type": "port-status", "projectId": "\xff"}'}, 400),
            ({"body": b'{"type": "port-status", "projectId": "\\ud800"}'}, 400),
            ({"body": b"[" * 100_000}, 400),
            ({"body": b"x" * (LARGEST_BODY + 1)}, 413),
            ({"path": "/webhooks/teliport/CANARY"}, 404),
        ],
        ids=lambda value: str(value)[:40],
    )
    async def test_nothing_is_stored_and_nothing_is_echoed(
        self,
        changes: dict[str, Any],
        status: int,
        quiet_stack: Stack,
        owner: asyncpg.Connection,
        logged: list[Any],
    ) -> None:
        answer = await deliver(quiet_stack, **changes)
        assert answer.status_code == status
        assert set(answer.json()) == {"error"}
        assert "CANARY" not in answer.text
        assert "CANARY" not in repr(logged)
        assert await nothing_stored(owner)

    async def test_headers_that_are_not_there_at_all(
        self, quiet_stack: Stack, owner: asyncpg.Connection
    ) -> None:
        answer = await quiet_stack.client.post(PATH, content=body_of())
        assert answer.status_code == 401
        assert await nothing_stored(owner)

    async def test_a_body_that_was_changed_on_the_way(
        self, quiet_stack: Stack, owner: asyncpg.Connection
    ) -> None:
        signed = webhooks.headers([WEBHOOK_SECRET], "m", int(time.time()), body_of())
        answer = await quiet_stack.client.post(PATH, content=body_of(sequence=9), headers=signed)
        assert answer.status_code == 401
        assert await nothing_stored(owner)

    async def test_without_secrets_nobody_is_believed(self, database_urls: Urls) -> None:
        none = SecretStr("")
        async with running(database_urls, worker=False, teliport_webhook_secrets=none) as stack:
            assert (await deliver(stack)).status_code == 401

    async def test_a_get_is_not_offered(self, quiet_stack: Stack) -> None:
        assert (await quiet_stack.client.get(PATH)).status_code == 405

    async def test_a_sender_that_hangs_up_in_the_middle(self, quiet_stack: Stack) -> None:
        before = counted(Outcome.CUT_SHORT)
        scope = {
            "type": "http",
            "method": "POST",
            "path": PATH,
            "query_string": b"",
            "headers": [(b"host", b"test")],
        }
        async with Talk(quiet_stack.app, scope) as talk:
            talk.put({"type": "http.request", "body": b"{", "more_body": True})
            talk.put({"type": "http.disconnect"})
            assert (await talk.get())["status"] == 400
        assert counted(Outcome.CUT_SHORT) == before + 1

    async def test_without_the_database_the_sender_is_asked_to_come_again(
        self, quiet_stack: Stack, postgres_cluster: TestCluster, database_urls: Urls
    ) -> None:
        await postgres_cluster.drop(database_urls)
        answer = await deliver(quiet_stack)
        assert (answer.status_code, set(answer.json())) == (503, {"error"})


async def test_metrics_count_outcomes_and_name_nobody(quiet_stack: Stack) -> None:
    await deliver(quiet_stack)
    await deliver(quiet_stack, path="/webhooks/teliport/CANARY")
    text = (await quiet_stack.client.get("/metrics")).text
    assert 'warp_webhooks_total{outcome="RECEIVED"}' in text
    assert 'warp_webhooks_total{outcome="UNKNOWN_KIND"}' in text
    assert not {"CANARY", "msg_1", "no-such-project"} & set(text.replace('"', " ").split())


async def test_a_log_line_tells_of_a_delivery_and_not_what_it_said(
    quiet_stack: Stack, logged: list[Any]
) -> None:
    await deliver(quiet_stack)
    (line,) = [line for line in logged if line["event"] == "webhook.received"]
    assert (line["webhook_id"], line["type"], line["new"]) == ("msg_1", "port-status", True)
    assert CANARY not in repr(logged)
