"""The README's tour: its documents fit the schema, and its commands do what the page shows."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

import schema as contract
from tests.docs.pages import ROOT, page
from tests.kit.live import LiveStack

README = page("README.md")
STEP = re.compile(r"^```bash\n(.*?)^```\n(?:^```\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
STEPS = [(found[1], found[2]) for found in STEP.finditer(README)]
END = "<<<the end of a step>>>"
LARGEST_PICTURE = 250_000


def documents() -> Iterator[str]:
    """The GraphQL of every `ask WHO DOCUMENT` and of every body that curl sends."""
    for commands, _ in STEPS:
        words = shlex.split(commands.replace("\\\n", " "))
        for at, word in enumerate(words):
            if word in {"ask", "send"} and words[at + 1] in {"customerA", "customerB", "staff"}:
                yield words[at + 2]
            if word == "-d" and '"query"' in words[at + 1]:
                yield json.loads(words[at + 1])["query"]


def test_every_document_of_the_tour_fits_the_schema() -> None:
    public = build_schema(contract.build().as_str())
    found = list(documents())
    assert len(found) >= 18
    for document in found:
        assert validate(public, parse(document)) == [], document


def names(output: str) -> list[tuple[str, str]]:
    """The fields and error codes of JSON output in their order, but not what the page omits."""
    spoken = re.sub(r',"extensions":.*', "", output)
    return re.findall(r'"(\w+)":|(?<="code": )"(\w+)"', spoken)


@pytest.mark.processes
@pytest.mark.xdist_group("live")
def test_the_tour_can_be_walked(live_stack: LiveStack, tmp_path: Path) -> None:
    script = "".join(f"{commands}\necho '{END}'\n" for commands, _ in STEPS)
    environment = {
        **os.environ,
        "DATA_DIR": str(live_stack.data_dir),
        "TMPDIR": str(tmp_path),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    # In a copy of the folder's shape, because one step leaves a file behind for a moment.
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    walked = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    assert walked.stderr == ""
    outputs = walked.stdout.split(END)
    for (commands, shown), real in zip(STEPS, outputs, strict=False):
        if shown is not None and "watched.txt" not in commands:
            assert names(real) == names(shown), (commands, real)
    watched = next(
        real for (commands, _), real in zip(STEPS, outputs, strict=False) if "sed" in commands
    )
    assert '"state":"DONE"' in watched
    assert "event: complete" in watched


def test_the_links_and_pictures_are_there() -> None:
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "docs/README.md",
        "docs/api-guide.md",
        "docs/adopting.md",
    ):
        text = page(name)
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert ((ROOT / name).parent / target).exists(), f"{name} points to {target}"
    assert (ROOT / "docs/images/explorer.png").stat().st_size < LARGEST_PICTURE
