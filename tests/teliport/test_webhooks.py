"""Deliveries: signed as Standard Webhooks says, believed only then, read without quoting."""

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teliport import webhooks
from teliport.errors import Malformed
from teliport.webhooks import Delivery, Forged, Stale

OLD, NEW = "the old secret, long enough", "whsec_" + base64.b64encode(b"n" * 32).decode()
NOW = 1_800_000_000
BODY = orjson.dumps({"type": "port.status", "projectId": "p-1", "data": {"status": "CONFIRMED"}})


def signed(*secrets: str, at: int = NOW, body: bytes = BODY, name: str = "msg_1") -> dict[str, str]:
    return webhooks.headers(secrets, name, at, body)


def verify(headers: dict[str, str], *secrets: str, body: bytes = BODY, now: float = NOW) -> None:
    webhooks.verify(
        secrets,
        webhook_id=headers.get("webhook-id", ""),
        timestamp=headers.get("webhook-timestamp", ""),
        signature=headers.get("webhook-signature", ""),
        body=body,
        now=now,
    )


class TestSigning:
    def test_the_example_of_the_specification(self) -> None:
        """Made by hand from "id.timestamp.body", as its authors describe it."""
        secret, body = base64.b64encode(b"x" * 24).decode(), b'{"test": 2432232314}'
        digest = hmac.new(b"x" * 24, b"msg_p5.1614265330." + body, hashlib.sha256).digest()
        expected = "v1," + base64.b64encode(digest).decode()
        assert webhooks.sign(f"whsec_{secret}", "msg_p5", 1614265330, body) == expected

    def test_every_secret_gives_a_signature(self) -> None:
        assert len(signed(NEW, OLD)["webhook-signature"].split(" ")) == 2

    def test_a_secret_that_is_no_base64_cannot_sign(self) -> None:
        with pytest.raises(ValueError, match="not base64") as caught:
            webhooks.sign("whsec_canary!", "m", NOW, BODY)
        assert "canary" not in str(caught.value)

    @pytest.mark.parametrize(
        ("secret", "fits"),
        [(OLD, True), (NEW, True), ("short", False), ("whsec_" + "!" * 40, False), ("", False)],
    )
    def test_which_secrets_can_be_used(self, secret: str, *, fits: bool) -> None:
        assert webhooks.usable(secret) is fits


class TestVerifying:
    @pytest.mark.parametrize("ours", [(OLD,), (NEW, OLD), (OLD, NEW)])
    @pytest.mark.parametrize("theirs", [(OLD,), (NEW, OLD), (OLD, NEW)])
    def test_one_pair_that_fits_is_enough(
        self, ours: tuple[str, ...], theirs: tuple[str, ...]
    ) -> None:
        verify(signed(*theirs), *ours)

    @pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    @pytest.mark.parametrize("value", ["", "other", "1", "v1,", "v1,é", "٣", "1" * 13])
    def test_a_header_that_is_not_theirs_is_forged(self, name: str, value: str) -> None:
        with pytest.raises(Forged):
            verify({**signed(OLD), name: value}, OLD)

    def test_other_secrets_and_no_secrets_believe_nothing(self) -> None:
        for ours in ((NEW,), ()):
            with pytest.raises(Forged):
                verify(signed(OLD), *ours)

    def test_a_signature_of_another_version_is_none(self) -> None:
        headers = signed(OLD)
        headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v2,")
        with pytest.raises(Forged):
            verify(headers, OLD)

    @given(st.integers(0, len(BODY) * 8 - 1))
    def test_no_bit_of_the_body_may_change(self, bit: int) -> None:
        changed = bytearray(BODY)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Forged):
            verify(signed(OLD), OLD, body=bytes(changed))

    @pytest.mark.parametrize("late", [-300, 0, 300])
    def test_five_minutes_are_allowed_either_way(self, late: int) -> None:
        verify(signed(OLD), OLD, now=NOW + late)

    @pytest.mark.parametrize("late", [-301, 301, 1e9])
    def test_more_are_not(self, late: float) -> None:
        with pytest.raises(Stale):
            verify(signed(OLD), OLD, now=NOW + late)

    def test_a_forged_one_is_never_called_stale(self) -> None:
        with pytest.raises(Forged):
            verify(signed(NEW), OLD, now=NOW + 1e6)

    def test_a_header_full_of_signatures_costs_little(self) -> None:
        headers = {**signed(OLD), "webhook-signature": "v1,x " * 12_000}
        began = time.process_time()
        with pytest.raises(Forged):
            verify(headers, NEW, OLD)
        assert time.process_time() - began < 1


class TestReading:
    def test_a_whole_one(self) -> None:
        body = {
            "eventId": "e",
            "type": "port.activated",
            "projectId": 17,
            "lsrId": "LSR-1",
            "occurredAt": "2026-11-22T10:00:00Z",
            "sequence": 3,
            "data": {"activatedTns": ["3035550123"]},
            "invented": {},
        }
        read = Delivery.read("msg_1", orjson.dumps(body))
        assert (read.id, read.type, read.project_id) == ("msg_1", "port.activated", "17")
        assert (read.lsr_id, read.sequence) == ("LSR-1", 3)
        assert read.occurred_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
        assert read.data == {"activatedTns": ["3035550123"]}
        assert "3035550123" not in repr(read)

    def test_odd_optional_fields_are_left_out(self) -> None:
        body = {"type": "x", "projectId": "p", "occurredAt": "now", "sequence": "last", "data": 5}
        read = Delivery.read("m", orjson.dumps(body))
        assert (read.occurred_at, read.sequence, read.data) == (None, None, {})

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{canary",
            b"[]",
            b'"canary"',
            b"{}",
            b'{"type":"canary"}',
            b'{"projectId":"canary"}',
            b'{"type":"","projectId":"canary"}',
            b'{"type":"x","projectId":""}',
            b'{"type":"x","projectId":".."}',
            b'{"type":"x","projectId":["canary"]}',
            b'{"type":"canary","projectId":"' + b"c" * 201 + b'"}',
            b"\xff\xfe",
        ],
    )
    def test_what_is_no_delivery_is_malformed_and_not_quoted(self, body: bytes) -> None:
        with pytest.raises(Malformed) as caught:
            Delivery.read("m", body)
        assert "canary" not in caught.value.message

    @pytest.mark.parametrize("name", ["", "x" * 256])
    def test_an_id_must_fit_the_inbox(self, name: str) -> None:
        with pytest.raises(Malformed, match="id"):
            Delivery.read(name, BODY)
