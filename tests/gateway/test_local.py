"""The pieces of `make run`: secrets, ports, plan, keeper. The whole of it is in tests/stories."""

import json
import socket
import stat
import subprocess
import sys
from pathlib import Path

import jwt
import psutil
import pytest
from pydantic import SecretStr

from db import seed
from db.roles import Urls
from db.vault import Vault
from gateway.local import keeper
from gateway.local.house import LocalSecrets, PortTaken, free_port, write_dev_json
from gateway.local.plan import Plan, plan_for
from gateway.settings import Settings
from teliport.webhooks import usable
from tests.kit.live import ROOT

PORTS = {"gateway": 1, "sandbox": 2, "worker": 3}
URLS = {"DATABASE_URL": "a", "WORKER_DATABASE_URL": "b", "MIGRATION_DATABASE_URL": "c"}
STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
signal.pause()
"""


def plan(tmp_path: Path, **settings: object) -> Plan:
    given = Settings(data_dir=tmp_path, **settings)  # type: ignore[arg-type]
    return plan_for(given, LocalSecrets.kept_in(tmp_path), PORTS)


def test_secrets_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    first = LocalSecrets.kept_in(tmp_path)
    assert LocalSecrets.kept_in(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert len(first.teliport_token) == len("rng_") + 48
    assert usable(first.webhook_secret)
    assert Vault([first.secrets_key]).open(Vault([first.secrets_key]).seal("x")) == "x"


def test_a_folder_of_an_older_release_gets_the_secrets_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps({"jwt_secret": "kept", "teliport_token": "kept too"}))
    filled = LocalSecrets.kept_in(tmp_path)
    assert (filled.jwt_secret, filled.teliport_token) == ("kept", "kept too")
    assert LocalSecrets.kept_in(tmp_path) == filled
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_taken_port_is_told_with_the_setting_that_moves_it() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"{port}.*GATEWAY_PORT={port + 100}"):
            free_port(port, "GATEWAY_PORT")
    assert free_port(0, "GATEWAY_PORT") > 0


def test_dev_json_is_whole_and_private(tmp_path: Path) -> None:
    file = write_dev_json(tmp_path, {"a": 1})
    assert json.loads(file.read_text()) == {"a": 1}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_by_default_the_sandbox_is_ours_and_three_tokens_are_ready(tmp_path: Path) -> None:
    decided = plan(tmp_path)
    assert [part.name for part in decided.parts(URLS)] == ["sandbox", "worker", "gateway"]
    dev = decided.dev_json()
    assert dev["graphqlUrl"] == "http://127.0.0.1:1/graphql"
    assert dev["wsUrl"] == "ws://127.0.0.1:1/graphql"
    secret = LocalSecrets.kept_in(tmp_path).jwt_secret
    claims = jwt.decode(dev["tokens"]["customerA"], secret, ["HS256"], audience="warp-numbers")
    assert claims["customer_ids"] == [str(seed.CUSTOMER_A)]


def test_sandbox_gateway_and_worker_are_given_the_same_limit(tmp_path: Path) -> None:
    parts = {part.name: part for part in plan(tmp_path, teliport_rate_limit=250).parts(URLS)}
    assert "250" in parts["sandbox"].command
    assert parts["gateway"].environment["TELIPORT_RATE_LIMIT"] == "250"
    assert parts["worker"].environment["TELIPORT_RATE_LIMIT"] == "250"


def test_a_real_carrier_means_no_sandbox_no_tokens_and_no_development(tmp_path: Path) -> None:
    decided = plan(tmp_path, teliport_api_url="https://soa-api.ringer.tel/api/v1")
    parts = {part.name: part for part in decided.parts(URLS)}
    assert set(parts) == {"worker", "gateway"}
    assert "ENVIRONMENT" not in parts["gateway"].environment
    assert decided.dev_json()["tokens"] == {}
    assert decided.dev_json()["sandboxUrl"] is None


def test_sandbox_and_gateway_share_a_webhook_secret_that_no_command_line_shows(
    tmp_path: Path,
) -> None:
    decided = plan(tmp_path)
    parts = {part.name: part for part in decided.parts(URLS)}
    secret = parts["gateway"].environment["TELIPORT_WEBHOOK_SECRETS"]
    assert parts["sandbox"].environment["TELIPORT_WEBHOOK_SECRETS"] == secret
    assert secret not in " ".join(parts["sandbox"].command)
    url = "http://127.0.0.1:1/webhooks/teliport"
    assert decided.dev_json()["webhookUrl"] == url
    assert url in parts["sandbox"].command


def test_letters_become_files_unless_the_settings_say_otherwise(tmp_path: Path) -> None:
    decided = plan(tmp_path)
    assert decided.dev_json()["mailDir"] == str(tmp_path.resolve() / "mail")
    assert decided.environment(URLS)["MAIL_SINK"] == f"file:{tmp_path.resolve() / 'mail'}"
    for given in ({"smtp_url": SecretStr("smtp://mail.example")}, {"mail_sink": "log"}):
        elsewhere = plan(tmp_path, **given)
        assert elsewhere.dev_json()["mailDir"] is None
        assert "MAIL_SINK" not in elsewhere.environment(URLS)


def test_a_given_key_and_url_are_kept(tmp_path: Path) -> None:
    environment = plan(tmp_path).environment(URLS)
    assert environment["SECRETS_KEY"] == LocalSecrets.kept_in(tmp_path).secrets_key
    assert environment["PUBLIC_URL"] == "http://127.0.0.1:1"
    given = plan(tmp_path, secrets_key=SecretStr("given"), public_url="https://numbers.example")
    assert given.environment(URLS)["SECRETS_KEY"] == "given"
    assert given.environment(URLS)["PUBLIC_URL"] == "https://numbers.example"


def test_a_given_database_is_used_for_every_role(tmp_path: Path) -> None:
    assert plan(tmp_path).database_urls is None
    decided = plan(tmp_path, database_url=SecretStr("postgresql://x/y"))
    assert set((decided.database_urls or {}).values()) == {"postgresql://x/y"}
    assert Plan.named(Urls(owner="o", app="a", worker="w"))["WORKER_DATABASE_URL"] == "w"


def test_the_keeper_ends_even_a_process_that_does_not_listen() -> None:
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        keeper.end([psutil.Process(process.pid)], grace=0.2)
        assert process.wait(5) == -9


def test_end_of_file_makes_the_keeper_end_what_it_was_given(tmp_path: Path) -> None:
    told_of = write_dev_json(tmp_path, {})
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as minded:
        told = f"process {minded.pid}\nprocess 999999999\nfile {told_of}\n"
        subprocess.run(
            [sys.executable, "-m", "gateway.local.keeper"],
            input=told, text=True, check=True, cwd=ROOT, timeout=30,
        )  # fmt: skip
        assert minded.wait(5) == -15
        assert not told_of.exists()
