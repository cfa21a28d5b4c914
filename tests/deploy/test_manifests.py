"""The deployment's files agree with the code: settings, commands, ports, probes."""

import json
import re
import subprocess
import sys
from pathlib import Path

from gateway.cli import app
from gateway.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
ROOT = DEPLOY.parent
SETTING = re.compile(r"^\s*([A-Z][A-Z_]+)[:=]", re.MULTILINE)
FLOORS = {"numbering", "teliport", "db", "workflows", "resolvers", "schema", "gateway"}


def test_every_setting_that_a_manifest_gives_exists() -> None:
    known = {name.upper() for name in Settings.model_fields} | {"ADMIN_PASSWORD"}
    for file in (DEPLOY / "kubernetes" / "secret.example.yaml", DEPLOY / "compose.env.example"):
        given = set(SETTING.findall(file.read_text()))
        assert given
        assert given - known == set(), file.name


def test_every_command_that_a_manifest_runs_exists() -> None:
    known = {
        command.name or command.callback.__name__
        for command in app.registered_commands
        if command.callback
    }
    told = "".join(file.read_text() for file in (DEPLOY / "kubernetes").glob("*.yaml"))
    told += (DEPLOY / "compose.yaml").read_text()
    used = set(re.findall(r"(?:args|command): \[(\w+)\]", told))
    assert used == {"serve", "worker", "migrate", "roles"}
    assert used <= known


def test_the_image_has_every_floor_and_not_the_double() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    copied = {line.split()[1].strip("/") for line in lines if line.startswith("COPY ")}
    assert copied >= FLOORS
    assert "RUN rm -rf teliport/sandbox" in lines


CHECK = """
import sys, json
sys.modules["teliport.sandbox"] = None
import gateway.cli
unwanted = ("teliport.sandbox.", "pixeltable")
print(json.dumps([name for name in sys.modules if name.startswith(unwanted)]))
"""


def test_without_the_double_the_commands_still_load() -> None:
    """What the image does: the gateway's modules import without `teliport.sandbox`."""
    out = subprocess.run(
        [sys.executable, "-c", CHECK], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(out) == []
