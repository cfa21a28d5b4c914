"""Prometheus metrics: what a process did (counters) and how things stand (read at each scrape).

Names start with `warp_`. Labels are few and closed: no number, no customer, no id ever.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from teliport.call import CallRecord

registry = CollectorRegistry()

carrier_calls = Counter(
    "warp_carrier_calls",
    "Calls to Teliport by path template, lane and outcome.",
    ("method", "path", "lane", "outcome"),
    registry=registry,
)
carrier_seconds = Histogram(
    "warp_carrier_call_seconds",
    "Time of a call to Teliport, slot wait excluded.",
    ("path",),
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=registry,
)
graphql_operations = Counter(
    "warp_graphql_operations",
    "GraphQL operations by type and by the code of their first error (OK when none).",
    ("type", "code"),
    registry=registry,
)
graphql_seconds = Histogram(
    "warp_graphql_operation_seconds",
    "Time of a GraphQL query or mutation.",
    ("type",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
    registry=registry,
)
webhooks = Counter(
    "warp_webhooks",
    "Deliveries of Teliport by what became of them.",
    ("outcome",),
    registry=registry,
)
operations = Gauge(
    "warp_operations",
    "Operations that are not ended, by kind and state.",
    ("kind", "state"),
    registry=registry,
)
oldest_operation = Gauge(
    "warp_oldest_operation_seconds",
    "Age of the oldest operation that is not ended, by state.",
    ("state",),
    registry=registry,
)
open_incidents = Gauge("warp_open_incidents", "Incidents nobody resolved.", registry=registry)
budget_limit = Gauge("warp_carrier_budget_limit", "Carrier calls a minute.", registry=registry)
budget_used = Gauge(
    "warp_carrier_budget_used", "Carrier calls in the last minute.", registry=registry
)
breaker = Gauge(
    "warp_carrier_breaker",
    "1 for the state the shared breaker is in.",
    ("state",),
    registry=registry,
)
worker_seen = Gauge(
    "warp_worker_last_seen_seconds", "Seconds since a worker last gave a sign.", registry=registry
)


def observe(record: CallRecord) -> None:
    """Count one carrier call. Calls that the budget let wait count as NOT_SENT."""
    outcome = record.verdict.value if record.verdict else "NOT_SENT"
    carrier_calls.labels(record.method, record.path, record.lane.value, outcome).inc()
    if record.verdict:
        carrier_seconds.labels(record.path).observe(record.seconds)


def operation_ended(kind: str, code: str, seconds: float) -> None:
    """Count one GraphQL query or mutation."""
    graphql_operations.labels(kind, code).inc()
    graphql_seconds.labels(kind).observe(seconds)


def webhook_ended(outcome: str) -> None:
    """Count one delivery of the carrier; `outcome` is one of a closed list."""
    webhooks.labels(outcome).inc()


def exposition() -> tuple[bytes, str]:
    """The metrics as text, and its content type."""
    return generate_latest(registry), CONTENT_TYPE_LATEST
