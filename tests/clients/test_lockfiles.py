"""The Node lock files pin what they install by content, and name no host to fetch it from."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.documents import NODE, ROOT

PROJECTS = [ROOT / "portal", NODE]


def packages(project: Path) -> dict[str, Any]:
    lock = json.loads((project / "package-lock.json").read_text(encoding="utf-8"))
    installed: dict[str, Any] = lock["packages"]
    return installed


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_no_package_says_where_it_comes_from(project: Path) -> None:
    told = {
        name: entry["resolved"] for name, entry in packages(project).items() if "resolved" in entry
    }
    # Only our own workspaces are "resolved": to their folder.
    assert {name: place for name, place in told.items() if not (project / place).is_dir()} == {}
    assert "omit-lockfile-registry-resolved=true" in (project / ".npmrc").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_every_package_is_pinned_by_its_content(project: Path) -> None:
    loose = [
        name
        for name, entry in packages(project).items()
        if "node_modules/" in name and not entry.get("link") and "integrity" not in entry
    ]
    assert loose == []


@pytest.mark.parametrize(
    "manifest", [*PROJECTS, ROOT / "portal" / "explorer"], ids=lambda path: path.name
)
def test_our_own_choices_are_exact_versions(manifest: Path) -> None:
    package = json.loads((manifest / "package.json").read_text(encoding="utf-8"))
    chosen = {**package.get("dependencies", {}), **package.get("devDependencies", {})}
    assert [name for name, version in chosen.items() if not version[0].isdigit()] == []
    assert package["private"] is True
