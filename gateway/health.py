"""Liveness, readiness and metrics: `/healthz`, `/readyz`, `/metrics`.

Liveness says that the process turns; it never looks further, so that a database outage restarts
nobody. Readiness says whether work can be done: database, worker, carrier. Only the database takes
a gateway out of service: without a worker or a carrier it still answers, and says so here.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db import signs, standing
from db.errors import DatabaseFault
from gateway import telemetry
from gateway.wiring import Platform
from numbering.actors import Scope
from numbering.lifecycle import BreakerState
from numbering.pace import PaceRefusal

SILENT_SECONDS = 30.0

PlatformOf = Callable[[], Platform]


def routes(platform_of: PlatformOf) -> list[Route]:
    """The three routes; `platform_of` gives the platform once the process has started."""

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        checks = await readiness(platform_of())
        status = 200 if checks["database"]["ready"] else 503
        return JSONResponse(checks, status_code=status)

    async def metrics(_: Request) -> Response:
        await refresh(platform_of())
        text, content_type = telemetry.exposition()
        return Response(text, headers={"content-type": content_type})

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]


async def readiness(platform: Platform) -> dict[str, dict[str, Any]]:
    """What works: each part with `ready` and, where it does not, `reason`."""
    return {
        "database": await _judged(lambda: _database(platform)),
        "worker": await _judged(lambda: _worker(platform)),
        "carrier": await _judged(lambda: _carrier(platform)),
    }


async def _judged(check: Callable[[], Awaitable[str | None]]) -> dict[str, Any]:
    """Run one check; a fault of the database is its reason."""
    try:
        reason = await check()
    except DatabaseFault:
        reason = "the database does not answer"
    return {"ready": reason is None, **({"reason": reason} if reason else {})}


async def _database(platform: Platform) -> str | None:
    async with platform.services.database.read(Scope.staff()):
        return None if platform.hub.connected else "the event listener is reconnecting"


async def _worker(platform: Platform) -> str | None:
    async with platform.services.database.read(Scope.staff()) as connection:
        age = await signs.newest(connection)
    if age is None:
        return "no worker has ever given a sign; start one: warp-numbers worker"
    return f"no worker has given a sign for {age:.0f} s" if age > SILENT_SECONDS else None


async def _carrier(platform: Platform) -> str | None:
    try:
        snapshot = await platform.pace.snapshot()
    except PaceRefusal:
        return "the carrier's budget cannot be read"
    return None if snapshot.breaker is BreakerState.CLOSED else f"breaker {snapshot.breaker}"


async def refresh(platform: Platform) -> None:
    """Read how things stand into the gauges; what cannot be read keeps its last value."""
    try:
        async with platform.services.database.read(Scope.staff()) as connection:
            counted = await standing.operations(connection)
            incidents = await standing.open_incidents(connection)
            age = await signs.newest(connection)
        snapshot = await platform.pace.snapshot()
    except (DatabaseFault, PaceRefusal):
        return
    telemetry.operations.clear()
    telemetry.oldest_operation.clear()
    for row in counted:
        telemetry.operations.labels(row.kind, row.state).set(row.count)
    for state in {row.state for row in counted}:
        oldest = max(row.oldest_seconds for row in counted if row.state == state)
        telemetry.oldest_operation.labels(state).set(oldest)
    telemetry.open_incidents.set(incidents)
    telemetry.worker_seen.set(age if age is not None else float("inf"))
    telemetry.budget_limit.set(snapshot.limit_per_minute)
    telemetry.budget_used.set(snapshot.used_last_minute)
    for breaker in BreakerState:
        telemetry.breaker.labels(breaker.value).set(snapshot.breaker is breaker)
