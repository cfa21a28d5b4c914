"""Running the programs of `tests/clients/node`, or saying why they cannot run here."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.clients.documents import NODE, ROOT

BUNDLE = ROOT / "portal" / "explorer" / "dist" / "index.html"
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


def _impossible(reason: str) -> None:
    """Skip at home; in CI, where everything is installed, a missing piece is a failure."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def need_node() -> None:
    """Skip unless Node and the locked packages are here."""
    if shutil.which("node") is None:
        _impossible("Node.js is not installed; the clients of the portals run on it")
    if not (NODE / "node_modules").is_dir():
        _impossible("run `npm ci` in tests/clients/node first (`make test` does)")


def need_bundle() -> None:
    """Skip unless the explorer is built."""
    if not BUNDLE.exists():
        _impossible("the explorer is not built; `make explorer` builds it")


def need_browser() -> None:
    """Skip unless there is a browser to look at the explorer with."""
    if not CHROMIUM.exists():
        _impossible(f"{CHROMIUM} is not here; set CHROMIUM to a Chromium-based browser")


def node(
    program: str,
    *arguments: str | Path,
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> str:
    """Output of a program that must end well within `seconds`."""
    need_node()
    return _output(["node", str(NODE / program), *map(str, arguments)], environment, seconds)


def tool(
    name: str,
    *arguments: str | Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> str:
    """Output of a locked package's own command, which must end well."""
    need_node()
    command = [str(NODE / "node_modules" / ".bin" / name), *map(str, arguments)]
    return _output(command, environment, seconds, cwd)


def _output(
    command: list[str],
    environment: Mapping[str, str] | None,
    seconds: float,
    cwd: Path | None = None,
) -> str:
    ended = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said
    return said
