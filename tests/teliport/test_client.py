"""The pipeline at wire level: what each thing that can happen to a call becomes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import respx
import structlog

from numbering import pace as pacing
from numbering.lanes import Lane
from numbering.pace import Verdict
from numbering.telephone import TelephoneNumber
from teliport import errors, outcome
from teliport.call import Call, CallRecord
from teliport.client import Teliport, Timeouts
from teliport.judge import Payload
from teliport.outcome import Outcome
from teliport.pace import NoPace
from tests.kit.paces import RecordingPace

TN = TelephoneNumber("+13035550199")
TOKEN = "rng_" + "s3cretTk" * 6
BASE = "https://carrier.test/api/v1"
RESERVE = f"{BASE}/inventory/numbers/3035550199/reserve"
NUMBER = {"telephoneNumber": "3035550199", "status": "RESERVED"}
PAGE = {"content": [], "totalElements": 0, "totalPages": 0, "page": 0}


def refusal(status: int, **extra: Any) -> httpx.Response:
    body = {"error": "Nope", "message": "no", "timestamp": "2026-01-01T00:00:00Z", "path": "/x"}
    return httpx.Response(status, json={**body, **extra})


def html(status: int) -> httpx.Response:
    return httpx.Response(status, html="<h1>proxy</h1>")


@pytest.fixture
def wire() -> Any:
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def pace() -> RecordingPace:
    return RecordingPace()


@pytest.fixture
def seen() -> list[CallRecord]:
    return []


@pytest.fixture
async def carrier(
    wire: respx.Router, pace: RecordingPace, seen: list[CallRecord]
) -> AsyncIterator[Teliport]:
    async with Teliport(
        BASE, TOKEN, "567G", pace=pace, guard=lambda: None, observe=seen.append
    ) as opened:
        yield opened


async def reserve(carrier: Teliport) -> errors.TeliportError:
    with pytest.raises(errors.TeliportError) as caught:
        await carrier.inventory.reserve(TN, "WARP-1", lane=Lane.BULK)
    return caught.value


ANSWERS: list[tuple[httpx.Response, type[errors.TeliportError], Outcome, Verdict]] = [
    (refusal(400), errors.BadRequest, Outcome.DEFINITIVE, Verdict.REFUSED),
    (refusal(400, position=3), errors.QueryRejected, Outcome.DEFINITIVE, Verdict.REFUSED),
    (refusal(401), errors.TokenRejected, Outcome.DEFINITIVE, Verdict.UNAUTHORIZED),
    (refusal(403), errors.PermissionDenied, Outcome.DEFINITIVE, Verdict.UNAUTHORIZED),
    (refusal(404), errors.NotFound, Outcome.DEFINITIVE, Verdict.REFUSED),
    (refusal(409), errors.WrongState, Outcome.DEFINITIVE, Verdict.REFUSED),
    (refusal(422), errors.Unprocessable, Outcome.DEFINITIVE, Verdict.REFUSED),
    (refusal(429), errors.RateLimited, Outcome.NOT_APPLIED, Verdict.THROTTLED),
    (html(429), errors.RateLimited, Outcome.NOT_APPLIED, Verdict.THROTTLED),
    (refusal(500), errors.ServerFault, Outcome.AMBIGUOUS, Verdict.FAILED),
    (html(502), errors.ServerFault, Outcome.AMBIGUOUS, Verdict.FAILED),
    (httpx.Response(503), errors.ServerFault, Outcome.AMBIGUOUS, Verdict.FAILED),
    # A proxy between us knows nothing about numbers.
    (html(404), errors.Malformed, Outcome.AMBIGUOUS, Verdict.FAILED),
    (html(401), errors.Malformed, Outcome.AMBIGUOUS, Verdict.FAILED),
    (
        httpx.Response(404, json={"detail": "no route"}),
        errors.UnexpectedAnswer,
        Outcome.AMBIGUOUS,
        Verdict.FAILED,
    ),
    (refusal(418), errors.UnexpectedAnswer, Outcome.AMBIGUOUS, Verdict.FAILED),
    (refusal(302), errors.UnexpectedAnswer, Outcome.AMBIGUOUS, Verdict.FAILED),
    (httpx.Response(204), errors.Malformed, Outcome.AMBIGUOUS, Verdict.FAILED),
    (html(200), errors.Malformed, Outcome.AMBIGUOUS, Verdict.FAILED),
    (
        httpx.Response(200, text=json.dumps(NUMBER)),
        errors.Malformed,
        Outcome.AMBIGUOUS,
        Verdict.FAILED,
    ),
    (
        httpx.Response(
            200, content=b'{"telephoneNumber": "30', headers={"content-type": "application/json"}
        ),
        errors.Malformed,
        Outcome.AMBIGUOUS,
        Verdict.FAILED,
    ),
    (httpx.Response(200, json=[NUMBER]), errors.Malformed, Outcome.AMBIGUOUS, Verdict.FAILED),
    (
        httpx.Response(200, json={"status": "RESERVED"}),
        errors.Malformed,
        Outcome.AMBIGUOUS,
        Verdict.FAILED,
    ),
    (
        httpx.Response(200, json={**NUMBER, "telephoneNumber": "3035550198"}),
        errors.UnexpectedAnswer,
        Outcome.AMBIGUOUS,
        Verdict.FAILED,
    ),
    (
        httpx.Response(200, json={**NUMBER, "status": "IN_USE"}),
        errors.UnexpectedAnswer,
        Outcome.AMBIGUOUS,
        Verdict.FAILED,
    ),
    (
        httpx.Response(200, json={**NUMBER, "status": "SOMETHING_NEW"}),
        errors.UnexpectedAnswer,
        Outcome.AMBIGUOUS,
        Verdict.FAILED,
    ),
]


@pytest.mark.parametrize(("answer", "kind", "proves", "verdict"), ANSWERS)
async def test_every_answer_has_its_error(
    answer: httpx.Response,
    kind: type[errors.TeliportError],
    proves: Outcome,
    verdict: Verdict,
    carrier: Teliport,
    wire: respx.Router,
    pace: RecordingPace,
) -> None:
    wire.post(RESERVE).mock(return_value=answer)
    error = await reserve(carrier)
    assert type(error) is kind
    assert outcome.of(error) is proves
    assert [told for told, _ in pace.told] == [verdict]
    assert (error.status, error.method) == (answer.status_code, "POST")
    assert error.path == "/inventory/numbers/{tn}/reserve"
    assert error.request_sent
    assert not error.is_read


FAULTS: list[tuple[Exception, type[errors.TeliportError], Verdict, bool]] = [
    (httpx.ConnectError("x"), errors.ConnectFailed, Verdict.FAILED, False),
    (httpx.ConnectTimeout("x"), errors.ConnectFailed, Verdict.FAILED, False),
    (httpx.ProxyError("x"), errors.ConnectFailed, Verdict.FAILED, False),
    (httpx.PoolTimeout("x"), errors.NotSent, Verdict.ABANDONED, False),
    (httpx.LocalProtocolError("x"), errors.NotSent, Verdict.ABANDONED, False),
    (httpx.UnsupportedProtocol("x"), errors.NotSent, Verdict.ABANDONED, False),
    (httpx.ReadTimeout("x"), errors.TimedOut, Verdict.FAILED, True),
    (httpx.WriteTimeout("x"), errors.TimedOut, Verdict.FAILED, True),
    (httpx.ReadError("x"), errors.ConnectionLost, Verdict.FAILED, True),
    (httpx.WriteError("x"), errors.ConnectionLost, Verdict.FAILED, True),
    (httpx.CloseError("x"), errors.ConnectionLost, Verdict.FAILED, True),
    # A server that closed an idle connection just now looks exactly like this.
    (httpx.RemoteProtocolError("x"), errors.ConnectionLost, Verdict.FAILED, True),
    (httpx.DecodingError("x"), errors.Malformed, Verdict.FAILED, True),
]


@pytest.mark.parametrize(("fault", "kind", "verdict", "sent"), FAULTS)
async def test_every_fault_of_the_transport_has_its_error(
    fault: Exception,
    kind: type[errors.TeliportError],
    verdict: Verdict,
    sent: bool,
    carrier: Teliport,
    wire: respx.Router,
    pace: RecordingPace,
) -> None:
    wire.post(RESERVE).mock(side_effect=fault)
    error = await reserve(carrier)
    assert type(error) is kind
    assert outcome.of(error) is (Outcome.AMBIGUOUS if sent else Outcome.NOT_APPLIED)
    assert (error.request_sent, error.status) == (sent, None)
    assert [told for told, _ in pace.told] == [verdict]


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


@pytest.mark.parametrize(
    ("kind", "proves"),
    [
        (errors.TeliportError, Outcome.AMBIGUOUS),
        (errors.NotApplied, Outcome.NOT_APPLIED),
        (errors.Definitive, Outcome.DEFINITIVE),
        (errors.Ambiguous, Outcome.AMBIGUOUS),
    ],
)
def test_what_is_not_known_is_ambiguous(
    kind: Callable[[str], errors.TeliportError], proves: Outcome
) -> None:
    assert outcome.of(kind("x")) is proves
