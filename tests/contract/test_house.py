"""The house budget and the rules that a machine can keep (docs/adr/0002, CONTRIBUTING)."""

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = ("numbering", "teliport", "db", "workflows", "resolvers", "schema", "gateway")
EMPTY_NAMES = {"utils", "helpers", "common", "base", "core", "misc", "manager", "models"}
EMPTY_NAMES |= {"service", "services"}
TEXT = {".py", ".md", ".txt", ".toml", ".json", ".yaml", ".yml", ".ts", ".tsx", ".js", ".mjs"}
TEXT |= {".graphql", ".sql", ".css", ".html", ""}
REGISTRY = re.compile(
    r"pypi\.o" r"rg|pythonhoste" r"d|registry\.npmj" r"s|deb\.debia" r"n|unpkg\.c" r"om"
)
MACHINE_PATH = re.compile(r"/(?:work|root|farm)/\w")


def tracked() -> list[Path]:
    out = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in out.splitlines() if (ROOT / name).is_file()]


def sources() -> list[Path]:
    return [
        file
        for file in tracked()
        if file.suffix == ".py"
        and file.relative_to(ROOT).parts[0] in FLOORS
        and "migrations" not in file.parts
    ]


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def functions(file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{file.relative_to(ROOT)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def lines(file: Path) -> int:
    return sum(1 for line in file.read_text().splitlines() if line.strip())


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[int(len(values) * share)]


def test_files_stay_small() -> None:
    sizes = {str(file.relative_to(ROOT)): lines(file) for file in sources()}
    assert {name: size for name, size in sizes.items() if size > 350} == {}
    assert statistics.median(sizes.values()) <= 90
    assert percentile(list(sizes.values()), 0.95) <= 250


def test_functions_stay_small() -> None:
    lengths = dict(pair for file in sources() for pair in functions(file))
    assert {name: size for name, size in lengths.items() if size > 50} == {}
    assert statistics.median(lengths.values()) <= 8
    assert percentile(list(lengths.values()), 0.95) <= 35


def test_every_module_says_what_it_is() -> None:
    silent = [str(f.relative_to(ROOT)) for f in sources() if not ast.get_docstring(tree(f))]
    assert silent == []


def test_names_say_something() -> None:
    empty = [str(file) for file in sources() if file.stem in EMPTY_NAMES]
    assert empty == []


def test_imports_stand_at_the_top() -> None:
    inner = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in sources()
        for function in ast.walk(tree(file))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inner == []


def test_no_test_sleeps() -> None:
    sleeps = re.compile(r"(?<![\w.])(time|asyncio|anyio)\.sleep\((?!0\))")
    sleeping = [
        str(file.relative_to(ROOT))
        for file in tracked()
        if file.suffix == ".py"
        and file.relative_to(ROOT).parts[0] == "tests"
        and sleeps.search(file.read_text())
    ]
    assert sleeping == []


def named_in(file: Path) -> str | None:
    """The registry host or machine path that a file names, if any."""
    text = file.read_text(errors="replace")
    found = REGISTRY.search(text) or MACHINE_PATH.search(text)
    return f"{file.relative_to(ROOT)}: {found.group()}" if found else None


def test_nothing_names_a_registry_host_or_a_path_of_one_machine() -> None:
    texts = [file for file in tracked() if file.suffix in TEXT and file.name != ".gitignore"]
    assert [told for file in texts if (told := named_in(file))] == []


@pytest.mark.parametrize("floor", FLOORS)
def test_nobody_elses_distribution_owns_our_import_names(floor: str) -> None:
    owners = metadata.packages_distributions().get(floor, [])
    assert [owner for owner in owners if owner != "warp-numbers"] == []
