"""`POST /webhooks/teliport/{kind}`: the carrier's news, kept before it is believed.

The signature is checked over the bytes as they came, before anything looks into them; nothing is
stored of a delivery that fails. A good one becomes a row of the inbox and an operation in one short
transaction, and the answer does not wait for more: what it means is read back from the carrier
(ADR 0044). Every status but 200 makes the carrier send it again.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db.errors import DatabaseFault
from gateway import bodies, telemetry
from gateway.answers import COMMON_HEADERS, Refused
from gateway.bodies import ClientGone
from gateway.wiring import Platform
from teliport import webhooks
from teliport.errors import Malformed
from teliport.webhooks import Delivery
from workflows import carrier_events

PATH = "/webhooks/teliport/{kind}"
KINDS = frozenset({"port-activated", "port-cancelled", "port-status"})
LARGEST_BODY = 2**20
PATIENCE_SECONDS = 15.0

log = structlog.get_logger("gateway.webhooks")


class Outcome(StrEnum):
    """What became of a delivery, for the metric."""

    RECEIVED = "RECEIVED"
    REPEATED = "REPEATED"
    UNKNOWN_KIND = "UNKNOWN_KIND"
    TOO_LARGE = "TOO_LARGE"
    CUT_SHORT = "CUT_SHORT"
    FORGED = "FORGED"
    STALE = "STALE"
    MALFORMED = "MALFORMED"
    UNAVAILABLE = "UNAVAILABLE"


ANSWERS = {
    Outcome.RECEIVED: (200, {"received": True}),
    Outcome.REPEATED: (200, {"received": True}),
    Outcome.UNKNOWN_KIND: (404, {"error": "There is no such webhook."}),
    Outcome.TOO_LARGE: (413, {"error": f"A delivery may have at most {LARGEST_BODY} bytes."}),
    Outcome.CUT_SHORT: (400, {"error": "The delivery ended before its body."}),
    Outcome.FORGED: (401, {"error": "The signature is missing or does not fit."}),
    Outcome.STALE: (400, {"error": "The delivery was signed too long ago, or ahead of time."}),
    Outcome.MALFORMED: (400, {"error": "The body is not a delivery."}),
    Outcome.UNAVAILABLE: (503, {"error": "Not now; send it again."}),
}
# The first that fits counts.
FAILURES: Mapping[type[Exception], Outcome] = {
    bodies.Slow: Outcome.CUT_SHORT,
    Refused: Outcome.TOO_LARGE,
    ClientGone: Outcome.CUT_SHORT,
    webhooks.Forged: Outcome.FORGED,
    webhooks.Stale: Outcome.STALE,
    Malformed: Outcome.MALFORMED,
    DatabaseFault: Outcome.UNAVAILABLE,
}


def routes(platform_of: Callable[[], Platform], secrets: Sequence[str]) -> list[Route]:
    """The one route; `platform_of` gives the platform once the process has started."""
    for each in Outcome:
        # From zero on, so that the first of its kind is an increase too.
        telemetry.webhooks.labels(each.value)

    async def arrived(request: Request) -> Response:
        outcome = await received(platform_of(), secrets, request)
        telemetry.webhook_ended(outcome.value)
        status, body = ANSWERS[outcome]
        return JSONResponse(body, status, headers=dict(COMMON_HEADERS))

    return [Route(PATH, arrived, methods=["POST"])]


async def received(platform: Platform, secrets: Sequence[str], request: Request) -> Outcome:
    """Take one delivery in. Raises nothing that the carrier could mend."""
    if request.path_params["kind"] not in KINDS:
        return Outcome.UNKNOWN_KIND
    try:
        body = await bodies.whole(
            request.headers, request.receive, LARGEST_BODY, seconds=PATIENCE_SECONDS
        )
        delivery = believed(secrets, request, body)
        new = await carrier_events.receive(platform.services, delivery, orjson.loads(body))
    except tuple(FAILURES) as failure:
        return next(outcome for kind, outcome in FAILURES.items() if isinstance(failure, kind))
    log.info("webhook.received", webhook_id=delivery.id, type=delivery.type, new=new)
    return Outcome.RECEIVED if new else Outcome.REPEATED


def believed(secrets: Sequence[str], request: Request, body: bytes) -> Delivery:
    """The delivery, once its signature fits. Raises Forged, Stale and Malformed."""
    headers = request.headers
    webhook_id = headers.get(webhooks.ID_HEADER, "")
    webhooks.verify(
        secrets,
        webhook_id=webhook_id,
        timestamp=headers.get(webhooks.TIMESTAMP_HEADER, ""),
        signature=headers.get(webhooks.SIGNATURE_HEADER, ""),
        body=body,
        now=time.time(),
    )
    return Delivery.read(webhook_id, body)
