"""Alert rules and dashboard: valid, tested, and about metrics that we do publish."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway import telemetry

FOLDER = Path(__file__).parents[2] / "deploy" / "observability"
RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
METRIC = re.compile(r"warp_[a-z_]+")
promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")


def published() -> set[str]:
    """Every name that a scrape can show."""
    return {
        name
        for family in telemetry.registry.collect()
        for kind in ("", "_total", "_bucket")
        for name in [family.name + kind]
    }


@pytest.mark.parametrize("file", ["alerts.yaml", "dashboard.json"])
def test_every_metric_that_is_asked_for_is_published(file: str) -> None:
    asked = set(METRIC.findall((FOLDER / file).read_text()))
    assert asked - published() == set()
    assert len(asked) >= 5


def test_every_alert_leads_to_a_section_of_the_runbook() -> None:
    sections = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in RUNBOOK.read_text().splitlines()
        if line.startswith("#")
    }
    linked = re.findall(r"runbook\.md#([\w-]+)", (FOLDER / "alerts.yaml").read_text())
    assert linked
    assert set(linked) - sections == set()


def test_the_dashboard_reads_one_named_source() -> None:
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    assert {panel["datasource"]["uid"] for panel in panels} == {"${source}"}


@promtool
@pytest.mark.parametrize(
    "words", [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]]
)
def test_promtool_is_content(words: list[str]) -> None:
    run = subprocess.run(
        ["promtool", *words], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
