"""What every answer and every fault of the transport becomes, and what it proves."""

import json
from collections.abc import Callable

import httpx
import pytest
import respx

from numbering.pace import Verdict
from teliport import errors, outcome
from teliport.client import Teliport
from teliport.outcome import Outcome
from tests.kit.paces import RecordingPace
from tests.kit.wire import NUMBER, RESERVE, html, refusal, reserve

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
