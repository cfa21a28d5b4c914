"""The pipeline at wire level: time, pace, what is sent, what is seen of it."""

import asyncio
import json
from typing import Any

import httpx
import pytest
import respx
import structlog

from numbering import pace as pacing
from numbering.lanes import Lane
from numbering.pace import Verdict
from teliport import errors, outcome
from teliport.call import Call, CallRecord
from teliport.client import Teliport, Timeouts
from teliport.judge import Payload
from teliport.outcome import Outcome
from teliport.pace import NoPace
from tests.kit.paces import RecordingPace
from tests.kit.wire import BASE, NUMBER, RESERVE, TN, TOKEN, refusal, reserve

PAGE = {"content": [], "totalElements": 0, "totalPages": 0, "page": 0}


async def never(_: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


class TestTime:
    async def test_a_call_ends_after_its_total_time(self, pace: RecordingPace) -> None:
        carrier = Teliport(
            BASE,
            TOKEN,
            "567G",
            pace=pace,
            guard=lambda: None,
            transport=httpx.MockTransport(never),
            timeouts=Timeouts(total=0.01),
        )
        assert type(await reserve(carrier)) is errors.TimedOut
        assert pace.told == [(Verdict.FAILED, None)]
        await carrier.close()

    async def test_giving_up_settles_without_a_verdict_on_the_carrier(
        self, pace: RecordingPace, seen: list[CallRecord]
    ) -> None:
        arrived = asyncio.Event()

        async def slow(request: httpx.Request) -> httpx.Response:
            arrived.set()
            return await never(request)

        carrier = Teliport(
            BASE,
            TOKEN,
            "567G",
            pace=pace,
            guard=lambda: None,
            transport=httpx.MockTransport(slow),
            observe=seen.append,
        )
        task = asyncio.create_task(carrier.inventory.get(TN))
        await arrived.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await carrier.close()
        assert task.cancelled()
        assert pace.told == [(Verdict.ABANDONED, None)]
        assert [(record.verdict, record.error) for record in seen] == [(Verdict.ABANDONED, None)]

    async def test_a_settlement_outlives_a_caller_that_is_cancelled_during_it(
        self, wire: respx.Router
    ) -> None:
        class SlowTicket:
            settling, go_on = asyncio.Event(), asyncio.Event()
            told: Verdict | None = None

            async def acquire(self, lane: Lane, *, wait: float) -> "SlowTicket":
                return self

            async def settle(self, verdict: Verdict, retry_after: float | None = None) -> None:
                self.settling.set()
                await self.go_on.wait()
                self.told = verdict

        wire.post(RESERVE).respond(json=NUMBER)
        slow = SlowTicket()
        carrier = Teliport(BASE, TOKEN, "567G", pace=slow, guard=lambda: None)
        task = asyncio.create_task(carrier.inventory.reserve(TN, "W", lane=Lane.BULK))
        await slow.settling.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        slow.go_on.set()
        await carrier.close()
        assert slow.told is Verdict.OK

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("7", 7.0),
            ("0", 1.0),
            ("86400", 300.0),
            ("9" * 400, 300.0),
            ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
            ("Thu, 01 Jan 2026 00:00:30", 30.0),
            ("Wed, 31 Dec 2025 00:00:00 GMT", 1.0),
            ("soon", None),
            ("-5", None),
            ("٣", None),
            ("", None),
        ],
    )
    async def test_retry_after_is_read_in_both_forms_within_bounds(
        self,
        header: str,
        seconds: float | None,
        carrier: Teliport,
        wire: respx.Router,
        pace: RecordingPace,
    ) -> None:
        headers = {"Retry-After": header.encode(), "Date": b"Thu, 01 Jan 2026 00:00:00 GMT"}
        wire.post(RESERVE).mock(
            return_value=httpx.Response(429, headers=list(headers.items()))  # type: ignore[arg-type]
        )
        error = await reserve(carrier)
        assert error.retry_after == seconds
        assert pace.told == [(Verdict.THROTTLED, seconds)]

    async def test_a_date_without_the_answers_own_date_counts_from_now(
        self, carrier: Teliport, wire: respx.Router
    ) -> None:
        headers = {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}
        wire.post(RESERVE).respond(429, headers=headers)
        assert (await reserve(carrier)).retry_after == 300

    async def test_a_rejected_token_rests_and_a_missing_permission_does_not(
        self, carrier: Teliport, wire: respx.Router, pace: RecordingPace
    ) -> None:
        wire.post(RESERVE).mock(side_effect=[refusal(401), refusal(403)])
        await reserve(carrier)
        await reserve(carrier)
        assert pace.told == [(Verdict.UNAUTHORIZED, 30), (Verdict.UNAUTHORIZED, None)]


class TestPace:
    @pytest.mark.parametrize(
        ("held", "kind"),
        [
            (pacing.BudgetExhausted, errors.BudgetExhausted),
            (pacing.BreakerOpen, errors.BreakerOpen),
            (pacing.BudgetUnavailable, errors.BudgetUnavailable),
            (pacing.PaceRefusal, errors.Paced),
        ],
    )
    async def test_a_refusal_becomes_an_error_that_was_not_sent(
        self,
        held: type[pacing.PaceRefusal],
        kind: type[errors.TeliportError],
        carrier: Teliport,
        wire: respx.Router,
        pace: RecordingPace,
        seen: list[CallRecord],
    ) -> None:
        pace.refusal = held("later", retry_after=4.5)
        error = await reserve(carrier)
        assert type(error) is kind
        assert outcome.of(error) is Outcome.NOT_APPLIED
        assert (error.retry_after, error.request_sent) == (4.5, False)
        assert (error.method, error.path) == ("POST", "/inventory/numbers/{tn}/reserve")
        assert not wire.calls
        assert [(record.verdict, record.error) for record in seen] == [(None, kind.__name__)]

    async def test_lane_and_patience_are_passed_on(
        self, carrier: Teliport, wire: respx.Router, pace: RecordingPace
    ) -> None:
        wire.post(RESERVE).respond(json=NUMBER)
        await carrier.inventory.reserve(TN, "W", lane=Lane.SWEEP, wait=9.5)
        assert pace.asked == [(Lane.SWEEP, 9.5)]

    async def test_a_turn_that_comes_too_late_is_given_back(
        self, wire: respx.Router, pace: RecordingPace
    ) -> None:
        route = wire.post(RESERVE).respond(json=NUMBER)
        async with Teliport(
            BASE, TOKEN, "567G", pace=pace, guard=lambda: None, timeouts=Timeouts(overdue=0.0)
        ) as carrier:
            error = await reserve(carrier)
        assert (type(error), error.request_sent) == (errors.NotSent, False)
        assert outcome.of(error) is Outcome.NOT_APPLIED
        assert not route.called
        assert pace.told == [(Verdict.ABANDONED, None)]

    async def test_the_guard_comes_before_everything(self, pace: RecordingPace) -> None:
        def guard() -> None:
            raise AssertionError("inside a transaction")

        async with Teliport(BASE, TOKEN, "567G", pace=pace, guard=guard) as carrier:
            with pytest.raises(AssertionError, match="inside a transaction"):
                await carrier.inventory.get(TN)
        assert pace.asked == []

    async def test_no_pace_lets_everything_out(self, wire: respx.Router) -> None:
        wire.post(RESERVE).respond(json=NUMBER)
        async with Teliport(BASE, TOKEN, "567G", pace=NoPace(), guard=lambda: None) as carrier:
            assert (await carrier.inventory.reserve(TN, "W", lane=Lane.BULK)).number == TN


class TestRequest:
    async def test_it_carries_token_and_json(self, carrier: Teliport, wire: respx.Router) -> None:
        route = wire.post(RESERVE).respond(json=NUMBER)
        await carrier.inventory.reserve(TN, "WARP-1", lane=Lane.BULK)
        request = route.calls.last.request
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.content) == {"reservedBy": "WARP-1"}

    async def test_a_get_has_no_body(self, carrier: Teliport, wire: respx.Router) -> None:
        route = wire.get(f"{BASE}/inventory/numbers/3035550199").respond(json=NUMBER)
        await carrier.inventory.get(TN)
        assert route.calls.last.request.content == b""
        assert "content-type" not in route.calls.last.request.headers

    async def test_any_text_can_be_sent(self, carrier: Teliport, wire: respx.Router) -> None:
        route = wire.post(f"{BASE}/inventory/query").respond(json=PAGE)
        text = 'locality contains "\ud800\x00\u202e"'
        await carrier.inventory.search(text)
        assert json.loads(route.calls.last.request.content)["query"] == text

    async def test_the_environment_puts_no_proxy_between(
        self, wire: respx.Router, pace: RecordingPace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        wire.post(RESERVE).respond(json=NUMBER)
        async with Teliport(BASE, TOKEN, "567G", pace=pace, guard=lambda: None) as carrier:
            assert not carrier._http._mounts

    def test_an_empty_token_and_a_wrong_spid_are_refused_at_once(self) -> None:
        with pytest.raises(ValueError, match="token"):
            Teliport(BASE, "", "567G", pace=NoPace(), guard=lambda: None)
        with pytest.raises(ValueError, match="SPID"):
            Teliport(BASE, TOKEN, "567", pace=NoPace(), guard=lambda: None)


class TestTrace:
    async def test_every_call_is_observed_and_logged(
        self, carrier: Teliport, wire: respx.Router, seen: list[CallRecord]
    ) -> None:
        wire.post(RESERVE).mock(side_effect=[httpx.Response(201, json=NUMBER), refusal(409)])
        with structlog.testing.capture_logs() as lines:
            await carrier.inventory.reserve(TN, "W", lane=Lane.BULK)
            await reserve(carrier)
        path = "/inventory/numbers/{tn}/reserve"
        assert [(r.method, r.path, r.lane, r.status, r.verdict, r.error) for r in seen] == [
            ("POST", path, Lane.BULK, 201, Verdict.OK, None),
            ("POST", path, Lane.BULK, 409, Verdict.REFUSED, "WrongState"),
        ]
        assert all(0 <= record.seconds < 10 for record in seen)
        assert [(line["event"], line["status"], line["error"]) for line in lines] == [
            ("teliport.call", 201, None),
            ("teliport.call", 409, "WrongState"),
        ]
        # Neither numbers nor secrets: the path is the template.
        assert TN.national not in str(lines)
        assert TOKEN not in str(lines)

    @pytest.mark.parametrize(
        "mock",
        [
            {"return_value": refusal(400, message=f"bad header Bearer {TOKEN}!")},
            {"side_effect": httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}'")},
        ],
    )
    async def test_no_error_holds_the_token(
        self, mock: dict[str, Any], carrier: Teliport, wire: respx.Router
    ) -> None:
        wire.post(RESERVE).mock(**mock)
        error = await reserve(carrier)
        assert TOKEN not in f"{error!s} {error!r} {vars(error)}"

    async def test_a_long_message_is_cut(self, carrier: Teliport, wire: respx.Router) -> None:
        wire.post(RESERVE).mock(return_value=refusal(400, message="x" * 10_000))
        assert len((await reserve(carrier)).message) == 500

    async def test_an_ambiguous_read_says_that_it_is_one(
        self, carrier: Teliport, wire: respx.Router
    ) -> None:
        wire.post(f"{BASE}/inventory/query").respond(500)
        with pytest.raises(errors.ServerFault) as caught:
            await carrier.inventory.search("npa = 303")
        assert caught.value.is_read

    async def test_a_defect_in_reading_still_settles(
        self, carrier: Teliport, wire: respx.Router, pace: RecordingPace
    ) -> None:
        def broken(_: Payload) -> None:
            raise ZeroDivisionError

        wire.get(f"{BASE}/x").respond(json={})
        call = Call(method="GET", template="/x", is_read=True, lane=Lane.BULK)
        with pytest.raises(ZeroDivisionError):
            await carrier.call(call, broken)
        assert pace.told == [(Verdict.ABANDONED, None)]
