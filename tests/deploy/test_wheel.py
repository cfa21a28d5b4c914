"""The wheel: every floor, the SQL, the prices, the explorer and the command."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = (
    "gateway/asgi.py",
    "schema/schema.graphql",
    "db/migrations/sql/voice.sql",
    "db/migrations/versions/0001_first_story.py",
    "numbering/prices/2026-11-01.toml",
    "portal/explorer/dist/index.html",
)


@pytest.mark.skipif(
    not (ROOT / "portal/explorer/dist/index.html").exists(), reason="the explorer is not built"
)
def test_the_wheel_has_all_that_a_deployment_needs(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry = next(name for name in names if name.endswith("entry_points.txt"))
        assert b"warp-numbers = gateway.__main__:main" in archive.read(entry)
    assert [name for name in NEEDED if name not in names] == []
    assert not any(name.startswith(("tests/", "portal/explorer/src")) for name in names)
