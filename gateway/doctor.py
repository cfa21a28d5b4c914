"""`warp-numbers doctor`: look at everything a deployment depends on, and say what to do.

Read-only. Its two carrier calls (inventory summary, a page of ports) take slots like any other.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
from pydantic import SecretStr

from db import examination, migrate
from db.errors import DRIVER_FAULTS, DatabaseFault
from gateway.equipment import post_of, vault_of, webhook_secrets_of
from gateway.settings import Settings, SettingsUnusable, listed, required
from gateway.wiring import platform
from numbering.lanes import Lane
from numbering.pace import PaceRefusal
from teliport.client import Teliport
from teliport.errors import TeliportError

CLOCK_SECONDS = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `remedy` is empty when all is well."""

    subject: str
    found: str
    remedy: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing is to be done."""
        return not self.remedy

    def line(self) -> str:
        """For the terminal."""
        mark = "ok  " if self.well else "FIX "
        return f"{mark} {self.subject:<22} {self.found}" + (
            f"\n     → {self.remedy}" if self.remedy else ""
        )


Check = Callable[[Settings], Awaitable[list[Finding]]]


async def examine(settings: Settings) -> list[Finding]:
    """Every finding, in the order in which one would repair them."""
    findings: list[Finding] = []
    for check in (_roles, _migrations, _policies, _clock, _secrets, _mail, _carrier):
        findings += await check(settings)
    return findings


@asynccontextmanager
async def _connected(name: str, url: SecretStr) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(required(name, url), timeout=5)
    try:
        yield connection
    finally:
        await connection.close()


async def _roles(settings: Settings) -> list[Finding]:
    """Each role can log in and has no right that would undo tenancy."""
    wanted = {
        "DATABASE_URL": settings.database_url,
        "WORKER_DATABASE_URL": settings.worker_database_url,
        "MIGRATION_DATABASE_URL": settings.migration_database_url,
    }
    return [await _role(name, url) for name, url in wanted.items()]


async def _role(name: str, url: SecretStr) -> Finding:
    try:
        async with _connected(name, url) as connection:
            role = await examination.role(connection)
    except SettingsUnusable as missing:
        return Finding(name, "not set", str(missing))
    except DRIVER_FAULTS as fault:
        kind = type(fault).__name__
        return Finding(name, f"cannot connect ({kind})", "Check address, database and password.")
    found = f"{role.name} on PostgreSQL {role.server_version}"
    if role.server_major < examination.OLDEST_SERVER:
        return Finding(name, found, f"Use PostgreSQL {examination.OLDEST_SERVER} or newer.")
    if role.superuser or role.bypasses_rls:
        remedy = "This role bypasses row-level security. Use one without SUPERUSER and BYPASSRLS."
        return Finding(name, found, remedy)
    if role.owns_tables and name != "MIGRATION_DATABASE_URL":
        return Finding(name, found, "This role owns the tables. Use warp_app or warp_worker.")
    return Finding(name, found)


async def _migrations(settings: Settings) -> list[Finding]:
    """The schema is the one this release needs."""
    url = settings.migration_database_url.get_secret_value()
    if not url:
        return []
    try:
        current = await migrate.current(url)
    except (*DRIVER_FAULTS, DatabaseFault):
        return []
    wanted = migrate.head()
    found = f"at {current or 'nothing'}, this release needs {wanted}"
    remedy = "" if current == wanted else "Run: warp-numbers migrate"
    return [Finding("migrations", found, remedy)]


async def _policies(settings: Settings) -> list[Finding]:
    """Every table with a customer has forced row-level security."""
    try:
        async with _connected("MIGRATION_DATABASE_URL", settings.migration_database_url) as owner:
            bare = await examination.tables_without_policy(owner)
    except (SettingsUnusable, *DRIVER_FAULTS):
        return []
    if not bare:
        return [Finding("row-level security", "forced on every table with a customer")]
    remedy = "Adopt these tables as docs/adopting.md says, then migrate."
    return [Finding("row-level security", f"missing on {', '.join(bare)}", remedy)]


async def _clock(settings: Settings) -> list[Finding]:
    """The database's clock is real and close to ours."""
    try:
        async with _connected("DATABASE_URL", settings.database_url) as connection:
            before = datetime.now(UTC)
            clock = await examination.clock(connection)
    except (SettingsUnusable, *DRIVER_FAULTS):
        return []
    apart = abs((clock.wall - before).total_seconds())
    findings = [
        Finding(
            "clock",
            f"the database is {apart:.1f} s from this machine",
            "" if apart < CLOCK_SECONDS else "Synchronise both with NTP: holds run by the minute.",
        )
    ]
    if clock.shift_seconds and not settings.development:
        remedy = "As owner: UPDATE ops.clock SET shift = interval '0'"
        findings.append(Finding("ops.clock", f"shifted by {clock.shift_seconds:.0f} s", remedy))
    return findings


async def _secrets(settings: Settings) -> list[Finding]:
    """The keys can be used and webhooks can be verified."""
    return [
        _listed("SECRETS_KEY", settings.secrets_key, lambda: vault_of(settings)),
        _listed(
            "TELIPORT_WEBHOOK_SECRETS",
            settings.teliport_webhook_secrets,
            lambda: webhook_secrets_of(settings),
        ),
    ]


async def _mail(settings: Settings) -> list[Finding]:
    """Notices leave the house, with a sender of ours."""
    if not settings.smtp_url.get_secret_value():
        remedy = "" if settings.development else "Set SMTP_URL and MAIL_FROM; nobody gets a notice."
        return [Finding("mail", f"no server: notices go to {settings.mail_sink}", remedy)]
    try:
        post_of(settings)
    except SettingsUnusable as unusable:
        return [Finding("mail", "not usable", str(unusable))]
    remedy = (
        "" if "mail_from" in settings.model_fields_set else "Set MAIL_FROM to an address of yours."
    )
    return [Finding("mail", f"from {settings.mail_from}", remedy)]


def _listed(name: str, value: SecretStr, use: Callable[[], object]) -> Finding:
    """Whether there is one secret at least, and each can be used."""
    try:
        required(name, value)
        use()
    except SettingsUnusable as unusable:
        return Finding(name, "not usable", str(unusable))
    count = len(listed(value))
    return Finding(name, f"{count} in use" if count == 1 else f"{count} in use, the first is new")


async def _carrier(settings: Settings) -> list[Finding]:
    """Teliport answers, and takes our token."""
    try:
        async with platform(
            settings, url=settings.database_url, application_name="warp-doctor"
        ) as opened:
            teliport = opened.services.teliport
            summary = await teliport.inventory.summary()
            ports = await _ports(teliport)
    except SettingsUnusable as missing:
        return [Finding("carrier", "not asked", str(missing))]
    except TeliportError as error:
        remedy = "Check TELIPORT_API_URL, the token and its permissions (docs/runbook.md)."
        return [Finding("carrier", f"{type(error).__name__}: {error.message}", remedy)]
    except PaceRefusal:
        return [Finding("carrier", "not asked: no database to meter the call", "See above.")]
    numbers = f"{summary.total_numbers:,} numbers, {summary.available_count:,} available"
    return [Finding("carrier", numbers), ports]


async def _ports(teliport: Teliport) -> Finding:
    """Our token may look at ports; that it may write them, only a port can show."""
    try:
        page = await teliport.portability.projects(size=1, lane=Lane.INTERACTIVE)
    except TeliportError as error:
        remedy = "Ask Teliport's desk for portability:read, write and submit (docs/runbook.md)."
        return Finding("carrier's ports", f"{type(error).__name__}: {error.message}", remedy)
    return Finding("carrier's ports", f"{page.total:,} projects")
