"""`make test`: the whole suite on both cores, then what needs the machine alone, then coverage.

Arguments go to pytest: `python -m tests tests/numbering -k parse` runs a part, without the gate.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

COVERAGE = Path(".coverage.json")
WHOLE = {"numbering": 100.0, "teliport": 100.0, "workflows": 100.0, "resolvers": 100.0}
OVER_ALL = 95.0


def main() -> int:
    """Run pytest; when the whole suite ran, hold the coverage against what is owed."""
    chosen = sys.argv[1:]
    options = ["-n", "2", "--dist", "loadgroup", "-q"]
    if chosen:
        return pytest.main([*options, *chosen])
    COVERAGE.unlink(missing_ok=True)
    gate = ["--cov", "--cov-report=", f"--cov-report=json:{COVERAGE}"]
    together = pytest.main([*options, "-m", "not alone", *gate])
    # A process of its own: what pytest imported and configured stays behind in this one.
    alone = subprocess.run([sys.executable, "-m", "pytest", "-q", "-m", "alone"], check=False)
    return together or alone.returncode or owed(json.loads(COVERAGE.read_text()))


def owed(report: dict[str, dict[str, dict[str, dict[str, int]]]]) -> int:
    """Print the coverage of each floor; 1 if one owes some, 0 otherwise."""
    floors: dict[str, list[dict[str, int]]] = {}
    for name, file in report["files"].items():
        floors.setdefault(name.split("/")[0], []).append(file["summary"])
    missing = 0
    for floor, files in sorted(floors.items()):
        reached, wanted = percent(files), WHOLE.get(floor, 0.0)
        missing |= reached < wanted
        print(f"coverage {floor:<10} {reached:6.2f} %  (owed {wanted:.0f} %)")
    reached = percent([file for files in floors.values() for file in files])
    print(f"coverage over all   {reached:6.2f} %  (owed {OVER_ALL:.0f} %)")
    return int(missing or reached < OVER_ALL)


def percent(files: list[dict[str, int]]) -> float:
    """Statements and branches that ran, in percent of those there are."""
    ran = sum(file["covered_lines"] + file.get("covered_branches", 0) for file in files)
    there = sum(file["num_statements"] + file.get("num_branches", 0) for file in files)
    return 100.0 * ran / there if there else 100.0


if __name__ == "__main__":
    sys.exit(main())
