"""One GraphQL call, whatever carried it: who asks, its request id, its context and its terms."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, Self

from strawberry.http.websocket_origin import normalize_allowed_origins

from gateway.auth import Credentials
from gateway.persisted import PersistedQueries
from gateway.throttle import Buckets, Hands, Seats
from numbering.actors import Actor
from schema.guard import GuardedSchema
from schema.terms import Observe, Terms, unobserved

REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{8,128}")


class Context(Protocol):
    """What resolvers are given; `fresh()` is the same with loaders that have read nothing."""

    def fresh(self) -> Self:
        """For each operation and each event of a subscription."""
        ...


ContextFactory = Callable[[Actor, str], Context]


@dataclass(frozen=True, slots=True)
class GraphSettings:
    """How the endpoint behaves. Times in seconds, bodies in bytes.

    `allowed_origins` are those of the portals: for CORS and for WebSocket handshakes.
    `development` opens introspection to everybody. `uploads` offers multipart requests.
    `observe` counts operations (see `schema.terms`).
    `unavailable` are exception classes (the database's) that mean SERVICE_UNAVAILABLE.
    """

    development: bool = False
    allowed_origins: tuple[str, ...] = ()
    timeout: float = 15.0
    cost_limit: int = 2_000
    cost_bucket: int = 10_000
    cost_refill_per_second: float = 200.0
    json_body: int = 1_000_000
    # Ten megabytes of file, and room for the query and the boundaries around it.
    upload_body: int = 10 * 2**20 + 2**18
    uploads: bool = False
    uploads_per_payer: int = 3
    uploads_together: int = 8
    uploads_patience: float = 10.0
    body_timeout: float = 60.0
    init_timeout: float = 10.0
    heartbeat: float = 15.0
    operations_per_socket: int = 20
    connections_per_subject: int = 20
    unavailable: tuple[type[Exception], ...] = ()
    observe: Observe = unobserved


class Endpoint:
    """What every transport of one endpoint shares. Raises ValueError for a bad origin."""

    def __init__(
        self, schema: GuardedSchema, context_factory: ContextFactory, settings: GraphSettings
    ) -> None:
        self.schema = schema
        self.settings = settings
        self.origins = _origins(settings.allowed_origins)
        self.persisted = PersistedQueries()
        self.seats = Seats(settings.connections_per_subject)
        self.hands = Hands(
            settings.uploads_per_payer, settings.uploads_together, settings.uploads_patience
        )
        self._context_factory = context_factory
        self._buckets = Buckets(settings.cost_bucket, settings.cost_refill_per_second)

    def arguments(self, credentials: Credentials, request_id: str) -> dict[str, Any]:
        """The keyword arguments of `execute` and `stream` that depend on who asks."""
        actor = credentials.actor
        return {
            "context_value": self._context_factory(actor, request_id),
            "operation_extensions": self._terms(actor, request_id).carried(),
        }

    def _terms(self, actor: Actor, request_id: str) -> Terms:
        settings = self.settings
        return Terms(
            request_id=request_id,
            introspection=settings.development or actor.is_staff,
            timeout=settings.timeout,
            cost_limit=settings.cost_limit,
            spend=partial(self._buckets.spend, payer_of(actor)),
            unavailable=settings.unavailable,
            observe=settings.observe,
        )


def payer_of(actor: Actor) -> str:
    """Who is counted: a customer as one, staff, who act for no customer, each for themselves."""
    return str(actor.customer_id or actor.subject)


def _origins(allowed: tuple[str, ...]) -> frozenset[str]:
    """The origins as browsers send them; any page at all is never what is meant."""
    if "*" in allowed:
        raise ValueError("ALLOWED_ORIGINS must name the portals; * would let any page in")
    return normalize_allowed_origins(allowed)


def request_id_of(headers: Mapping[str, str]) -> str:
    """The caller's `x-request-id` if it is harmless in a log line, else a new one."""
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
