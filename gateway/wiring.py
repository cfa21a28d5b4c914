"""What a process is made of: pools, carrier client, hub, prices. Opened and closed as one thing."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
from pydantic import SecretStr

import numbering
from db.budget import SlotPace
from db.engine import Database, refuse_inside_write
from db.hub import EventHub
from gateway import telemetry
from gateway.equipment import links_of, post_of, vault_of
from gateway.links import DocumentLinks, unsigned
from gateway.settings import Settings, required
from numbering import pricing
from teliport.client import Teliport, Timeouts
from workflows.timings import Timings
from workflows.wiring import Services

PRICE_LIST = Path(numbering.__file__).parent / pricing.CURRENT
BUDGET_CONNECTIONS = 4


@dataclass(frozen=True)
class Platform:
    """The services of a process and what its health and metrics look at."""

    services: Services
    pace: SlotPace
    hub: EventHub
    links: DocumentLinks | None = None


@asynccontextmanager
async def platform(
    settings: Settings,
    *,
    url: SecretStr,
    application_name: str,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Platform]:
    """Everything a gateway or a worker needs, under the database role of `url`."""
    dsn = required("DATABASE_URL", url)
    token = required("TELIPORT_API_TOKEN", settings.teliport_api_token)
    vault, post, links = vault_of(settings), post_of(settings), links_of(settings)
    async with AsyncExitStack() as stack:
        database = Database.connect(
            dsn, pool_size=settings.database_pool_size, application_name=application_name
        )
        stack.push_async_callback(database.close)
        pool = await stack.enter_async_context(
            asyncpg.create_pool(dsn, min_size=0, max_size=BUDGET_CONNECTIONS)
        )
        pace = SlotPace(
            pool,
            token_name="teliport",  # noqa: S106  a row's name
            limit=settings.teliport_rate_limit,
            # A slot must outlive the call that holds it.
            hold_seconds=settings.teliport_timeout_seconds + 5,
        )
        await pace.ensure()
        teliport = await stack.enter_async_context(_carrier(settings, token, pace, transport))
        hub = await stack.enter_async_context(EventHub(dsn))
        services = Services(
            database=database,
            teliport=teliport,
            hub=hub,
            budget=pace,
            prices=pricing.PriceList.load(PRICE_LIST.read_bytes()),
            timings=Timings().scaled(settings.timings_scale),
            mutation_wait_seconds=settings.mutation_wait_seconds,
            rate_limit=settings.teliport_rate_limit,
            vault=vault,
            post=post,
            document_link=links.link if links else unsigned,
        )
        yield Platform(services, pace, hub, links)


def _carrier(
    settings: Settings, token: str, pace: SlotPace, transport: httpx.AsyncBaseTransport | None
) -> Teliport:
    return Teliport(
        settings.teliport_api_url,
        token,
        settings.teliport_spid,
        pace=pace,
        guard=refuse_inside_write,
        transport=transport,
        timeouts=Timeouts(total=settings.teliport_timeout_seconds),
        observe=telemetry.observe,
    )
