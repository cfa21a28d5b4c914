"""The first steps of a deployment, and what an operator reads when a setting is bad."""

import os
import subprocess
import sys

import pytest
from pydantic import SecretStr

from db import migrate
from db.engine import Database
from db.roles import Urls
from gateway.settings import Settings, SettingsUnusable, load
from gateway.setup import make_roles
from numbering.actors import Scope
from tests.kit.live import ROOT
from tests.kit.postgres import TestCluster


def given(cluster: TestCluster, **changes: str) -> Settings:
    """A new deployment on the cluster of the tests, whose roles have these passwords."""
    host = cluster.server.url.rpartition("@")[2].rpartition("/")[0]
    urls = {
        "admin_database_url": cluster.server.url,
        "migration_database_url": f"postgresql://warp_owner:owner-test@{host}/fresh",
        "database_url": f"postgresql://warp_app:app-test@{host}/fresh",
        "worker_database_url": f"postgresql://warp_worker:worker-test@{host}/fresh",
    }
    return Settings(**{name: SecretStr(url) for name, url in (urls | changes).items()})  # type: ignore[arg-type]


async def test_from_an_empty_server_to_a_gateway_that_can_read(
    postgres_cluster: TestCluster,
) -> None:
    settings = given(postgres_cluster)
    owner = settings.migration_database_url.get_secret_value()
    app = settings.database_url.get_secret_value()
    try:
        await make_roles(settings)
        await make_roles(settings)
        await migrate.upgrade(owner)
        database = Database.connect(app)
        async with database.read(Scope.staff()):
            pass
        await database.close()
    finally:
        await postgres_cluster.drop(Urls(owner=owner, app=app, worker=""))


async def test_other_role_names_or_databases_are_refused(postgres_cluster: TestCluster) -> None:
    for changes, told in (
        ({"database_url": "postgresql://somebody:x@h/fresh"}, "DATABASE_URL must be"),
        ({"worker_database_url": "postgresql://warp_worker@h/fresh"}, "WORKER_DATABASE_URL must"),
        ({"worker_database_url": "postgresql://warp_worker:x@h/other"}, "the same database"),
        ({"admin_database_url": ""}, "Set ADMIN_DATABASE_URL"),
    ):
        with pytest.raises(SettingsUnusable, match=told):
            await make_roles(given(postgres_cluster, **changes))


def test_bad_settings_are_told_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELIPORT_SPID", "12")
    monkeypatch.setenv("GATEWAY_PORT", "x")
    with pytest.raises(SettingsUnusable) as refused:
        load()
    lines = str(refused.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["TELIPORT_SPID", "GATEWAY_PORT"]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("serve", "Set DATABASE_URL;"),
        ("worker", "Set WORKER_DATABASE_URL;"),
        ("migrate", "Set MIGRATION_DATABASE_URL;"),
        ("token", "Missing argument"),
    ],
)
def test_a_command_without_its_settings_ends_in_one_sentence(command: str, told: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "gateway", command],
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode != 0
    assert told in run.stderr
    assert "Traceback" not in run.stderr
