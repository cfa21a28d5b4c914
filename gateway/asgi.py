"""The gateway as an ASGI application: GraphQL, webhooks, documents, explorer, health, metrics.

uvicorn --factory gateway.asgi:create_app      (or `warp-numbers serve`)
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

import schema
from db.errors import DatabaseBusy, DatabaseUnavailable
from gateway import explorer, files, health, telemetry, webhooks
from gateway.auth import Authenticator, AuthSettings
from gateway.calls import GraphSettings
from gateway.equipment import vault_of, webhook_secrets_of
from gateway.graph import create_graphql_app
from gateway.settings import Settings, SettingsUnusable
from gateway.wiring import Platform, platform
from numbering.actors import Actor
from resolvers.context import Context

EXPLORER = Path(__file__).parents[1] / "portal" / "explorer" / "dist"


def create_app(
    settings: Settings | None = None, *, transport: httpx.AsyncBaseTransport | None = None
) -> Starlette:
    """The application; `transport` replaces the network to the carrier (tests).

    Raises SettingsUnusable for a bad JWT setting or secret, and at start when the database is away.
    """
    settings = settings or Settings()
    vault_of(settings)
    webhook_secrets = webhook_secrets_of(settings)
    authenticator = _authenticator(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with platform(
            settings,
            url=settings.database_url,
            application_name="warp-gateway",
            transport=transport,
        ) as opened:
            app.state.platform = opened
            yield
        await authenticator.aclose()

    def platform_of() -> Platform:
        opened: Platform = app.state.platform
        return opened

    def context_of(actor: Actor, request_id: str) -> Context:
        return Context(platform_of().services, request_id, actor)

    graph = create_graphql_app(
        schema.build(),
        context_factory=context_of,
        authenticator=authenticator,
        settings=graph_settings(settings),
    )
    badge = settings.environment.value
    routes = [
        Route("/graphql", graph),
        WebSocketRoute("/graphql", graph),
        *health.routes(platform_of),
        *webhooks.routes(platform_of, webhook_secrets),
        *files.routes(platform_of),
        *explorer.routes(EXPLORER if EXPLORER.is_dir() else None, environment=badge),
    ]
    app = Starlette(lifespan=lifespan, routes=routes)
    return app


def _authenticator(settings: Settings) -> Authenticator:
    try:
        return Authenticator(auth_settings(settings))
    except ValueError as unusable:
        raise SettingsUnusable(str(unusable)) from None


def auth_settings(settings: Settings) -> AuthSettings:
    """Where tokens come from."""
    return AuthSettings(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        secret=settings.jwt_secret.get_secret_value(),
        jwks_url=settings.jwt_jwks_url,
    )


def graph_settings(settings: Settings) -> GraphSettings:
    """How the endpoint behaves."""
    return GraphSettings(
        development=settings.development,
        allowed_origins=settings.origins,
        timeout=settings.operation_timeout_seconds,
        cost_limit=settings.cost_limit,
        cost_bucket=settings.cost_bucket,
        cost_refill_per_second=settings.cost_refill_per_second,
        uploads=True,
        unavailable=(DatabaseBusy, DatabaseUnavailable),
        observe=telemetry.operation_ended,
    )
