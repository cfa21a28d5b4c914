"""The command line: `warp-numbers serve`, `worker`, `migrate`, `reseal`, `doctor` and the others.

Each command is a door to a module that does the work; nothing is decided here.
"""

import asyncio
import runpy
import sys
from typing import Annotated
from uuid import UUID

import typer
import uvicorn

import schema as contract
from db import migrate as migrations
from gateway import doctor as checks
from gateway import logs, resealing, settings_table, setup, tokens
from gateway import worker as worker_process
from gateway.asgi import create_app
from gateway.settings import Settings, load, required
from numbering.actors import Role

app = typer.Typer(
    help="WARP Numbers: buy, hold, configure and release telephone numbers over GraphQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def serve() -> None:
    """Run the gateway: GraphQL over HTTP and WebSocket, explorer, health, metrics."""
    settings = configured()
    required("DATABASE_URL", settings.database_url)
    required("TELIPORT_API_TOKEN", settings.teliport_api_token)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.gateway_port,
        log_config=None,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=262_144,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=20,
    )


@app.command()
def worker() -> None:
    """Run a worker: it carries out every write to the carrier."""
    asyncio.run(worker_process.run(configured()))


@app.command()
def roles() -> None:
    """Make the three roles and the database, as the superuser of ADMIN_DATABASE_URL, once."""
    asyncio.run(setup.make_roles(configured()))
    typer.echo("The roles and the database are there. Next: warp-numbers migrate")


@app.command()
def migrate() -> None:
    """Bring the database of MIGRATION_DATABASE_URL to the newest schema."""
    settings = configured()
    url = required("MIGRATION_DATABASE_URL", settings.migration_database_url)
    asyncio.run(migrations.upgrade(url))
    typer.echo("The database is at the newest schema.")


@app.command()
def reseal() -> None:
    """Seal all secrets again under the first key of SECRETS_KEY; then the others may go."""
    done = asyncio.run(resealing.reseal(configured()))
    typer.echo(f"{done.seen} secrets; {done.renewed} had an older key and now have the newest.")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sandbox(context: typer.Context) -> None:
    """Run the carrier's double on this machine (see docs/sandbox.md for its options)."""
    sys.argv = ["warp-numbers sandbox", *context.args]
    # By name: the production image ships without the double.
    runpy.run_module("teliport.sandbox", run_name="__main__", alter_sys=True)


@app.command()
def schema() -> None:
    """Print the GraphQL schema (SDL)."""
    typer.echo(contract.build().as_str())


@app.command()
def token(
    subject: Annotated[str, typer.Argument(help="Who: an e-mail address or a service's name.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.CUSTOMER_ADMIN,
    customer: Annotated[list[UUID] | None, typer.Option(help="Customer id; repeatable.")] = None,
    days: Annotated[int, typer.Option(min=1, max=90, help="Life of the token.")] = 1,
) -> None:
    """Print a token signed with JWT_SECRET (development and emergencies)."""
    settings = configured()
    secret = settings.jwt_secret.get_secret_value()
    if not secret:
        raise typer.BadParameter("JWT_SECRET is not set: tokens come from your identity provider.")
    typer.echo(
        tokens.mint(
            secret,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            subject=subject,
            name=subject,
            email=subject if "@" in subject else None,
            roles=[role],
            customer_ids=customer or [],
            lifetime_seconds=days * 24 * 3600,
        )
    )


@app.command()
def doctor() -> None:
    """Check database, roles, policies, migrations, clock, secrets, mail, carrier; advise."""
    findings = asyncio.run(checks.examine(configured()))
    for finding in findings:
        typer.echo(finding.line())
    raise typer.Exit(code=0 if all(finding.well for finding in findings) else 1)


@app.command("settings")
def settings_() -> None:
    """Print the table of all settings (docs/settings.md)."""
    typer.echo(settings_table.markdown())


@app.command()
def dev() -> None:
    """Run everything on this machine (what `make run` calls)."""
    runpy.run_module("gateway.local", run_name="__main__")


def configured() -> Settings:
    """The settings, with logging set up by them; a bad one ends the command with its name."""
    settings = load()
    logs.configure(settings.log_level, settings.log_format)
    return settings
