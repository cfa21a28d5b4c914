"""`warp-numbers doctor`: content with a good deployment, precise about a bad one."""

import os
import subprocess
import sys

import asyncpg
import pytest
from pydantic import SecretStr

from db.roles import Urls
from gateway.doctor import Finding, examine
from gateway.settings import Settings
from tests.kit.live import ROOT
from tests.kit.postgres import TestCluster
from tests.kit.sandbox import Sandbox, SandboxProcess, spawn_sandbox
from tests.kit.stack import SECRETS_KEY, WEBHOOK_SECRET, settings_for


@pytest.fixture(scope="module")
def carrier():  # type: ignore[no-untyped-def]
    """A sandbox on a port: the doctor looks over the network."""
    with spawn_sandbox() as process:
        yield process


@pytest.fixture
def settings(database_urls: Urls, carrier: SandboxProcess) -> Settings:
    """A good deployment."""
    return settings_for(
        database_urls,
        Sandbox(),
        teliport_api_url=carrier.url,
        teliport_api_token=SecretStr(carrier.token),
    )


def changed(settings: Settings, **values: object) -> Settings:
    return settings.model_copy(update=values)


async def ill(settings: Settings) -> dict[str, Finding]:
    return {found.subject: found for found in await examine(settings) if not found.well}


async def test_a_good_deployment_needs_nothing(settings: Settings) -> None:
    findings = await examine(settings)
    assert [found.line() for found in findings if not found.well] == []
    assert {found.subject for found in findings} == {
        "DATABASE_URL", "WORKER_DATABASE_URL", "MIGRATION_DATABASE_URL",
        "migrations", "row-level security", "clock",
        "SECRETS_KEY", "TELIPORT_WEBHOOK_SECRETS", "mail", "carrier", "carrier's ports",
    }  # fmt: skip


async def test_a_carrier_that_shows_no_ports_is_told(
    settings: Settings, carrier: SandboxProcess
) -> None:
    match = {"path": "*/port-projects/projects"}
    carrier.control("POST", "/faults", {"action": "503", "match": match, "nth": 1})
    found = await ill(settings)
    assert list(found) == ["carrier's ports"]
    assert "ServerFault" in found["carrier's ports"].found


async def test_a_role_with_too_many_rights_is_told(
    settings: Settings, postgres_cluster: TestCluster, database_urls: Urls
) -> None:
    found = await ill(changed(settings, database_url=settings.migration_database_url))
    assert "owns the tables" in found["DATABASE_URL"].remedy
    superuser = postgres_cluster.server.url.rpartition("/")[0] + "/"
    superuser += database_urls.app.rpartition("/")[2]
    found = await ill(changed(settings, worker_database_url=SecretStr(superuser)))
    assert "bypasses row-level security" in found["WORKER_DATABASE_URL"].remedy


async def test_an_old_schema_asks_for_migrate(
    settings: Settings, owner: asyncpg.Connection
) -> None:
    await owner.execute("DELETE FROM alembic_version")
    found = await ill(settings)
    assert found["migrations"].remedy == "Run: warp-numbers migrate"


async def test_a_table_without_a_policy_is_named(
    settings: Settings, owner: asyncpg.Connection
) -> None:
    await owner.execute("ALTER TABLE voice.trunks NO FORCE ROW LEVEL SECURITY")
    assert "voice.trunks" in (await ill(settings))["row-level security"].found


async def test_a_shifted_clock_is_told_outside_development(
    settings: Settings, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE ops.clock SET shift = interval '90 s'")
    assert await ill(settings) == {}
    found = await ill(changed(settings, environment="production"))
    assert "90 s" in found["ops.clock"].found


async def test_a_refused_token_is_told_without_showing_it(settings: Settings) -> None:
    canary = SecretStr("rng_canary" + "0" * 42)
    found = await ill(changed(settings, teliport_api_token=canary))
    assert "TokenRejected" in found["carrier"].found
    assert "canary" not in found["carrier"].line()


async def test_nothing_set_names_every_setting() -> None:
    found = await ill(Settings(teliport_api_url="http://127.0.0.1:1"))
    assert set(found) == {
        "DATABASE_URL", "WORKER_DATABASE_URL", "MIGRATION_DATABASE_URL",
        "SECRETS_KEY", "TELIPORT_WEBHOOK_SECRETS", "mail", "carrier",
    }  # fmt: skip
    assert "Set DATABASE_URL" in found["DATABASE_URL"].remedy


async def test_a_database_that_is_away_is_told(settings: Settings) -> None:
    away = SecretStr("postgresql://warp_app:x@127.0.0.1:1/warp")
    gone = changed(
        settings, database_url=away, worker_database_url=away, migration_database_url=away
    )
    found = await ill(gone)
    assert "cannot connect" in found["DATABASE_URL"].found
    assert "not asked" in found["carrier"].found


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("secrets_key", "", "Set SECRETS_KEY"),
        ("secrets_key", f"{SECRETS_KEY},canary", "key 2 of 2"),
        ("teliport_webhook_secrets", "", "Set TELIPORT_WEBHOOK_SECRETS"),
        ("teliport_webhook_secrets", f"{WEBHOOK_SECRET},canary", "secret 2 of 2"),
        ("teliport_webhook_secrets", "whsec_canary" + "!" * 40, "secret 1 of 1"),
    ],
)
async def test_a_secret_that_cannot_be_used_is_named_and_not_shown(
    name: str, value: str, told: str, settings: Settings
) -> None:
    found = (await ill(changed(settings, **{name: SecretStr(value)})))[name.upper()]
    assert told in found.remedy
    assert "canary" not in found.line()


async def test_keys_that_are_being_changed_are_well(settings: Settings) -> None:
    two = SecretStr(f"{SECRETS_KEY},{SECRETS_KEY}")
    findings = await examine(changed(settings, secrets_key=two))
    (keys,) = [found for found in findings if found.subject == "SECRETS_KEY"]
    assert (keys.well, keys.found) == (True, "2 in use, the first is new")


async def test_notices_need_a_server_and_a_sender(settings: Settings) -> None:
    assert "mail" not in await ill(settings)
    production = changed(settings, environment="production")
    assert "Set SMTP_URL" in (await ill(production))["mail"].remedy
    server = changed(production, smtp_url=SecretStr("smtp://user:canary@mail.example:587"))
    assert "Set MAIL_FROM" in (await ill(server))["mail"].remedy
    assert "mail" not in await ill(changed(server, mail_from="WARP <numbers@warp.example>"))
    broken = (await ill(changed(server, smtp_url=SecretStr("http://u:canary@h"))))["mail"]
    assert "SMTP_URL must be" in broken.remedy
    assert "canary" not in broken.line()


def test_the_command_exits_with_1_and_says_what_to_do() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "gateway", "doctor"],
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "→ Set DATABASE_URL" in run.stdout
