"""docs/sandbox.md names what there is: every fault, magic number, option and control path."""

import re
from pathlib import Path

import pytest

from teliport.sandbox import __main__ as command_line
from teliport.sandbox.control import routes
from teliport.sandbox.faults import Action
from teliport.sandbox.magic import MAGIC
from teliport.sandbox.port_magic import ENDINGS
from tests.kit.sandbox import ROOT, Sandbox

GUIDE = Path(ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("action", Action)
def test_every_fault_is_in_the_guide(action: Action) -> None:
    assert re.search(rf"^\|.*`{re.escape(action)}`.*\|", GUIDE, re.MULTILINE)


def test_the_guide_has_the_magic_numbers_and_no_others() -> None:
    rows = re.findall(r"^\| (307-555-\d{4}) \| (\w+):", GUIDE, re.MULTILINE)
    called = {"reserve": "hold"}
    assert [(tn.replace("-", ""), call) for tn, call in rows] == [
        (magic.tn, called.get(magic.call, magic.call)) for magic in MAGIC
    ]


def test_the_guide_has_the_magic_endings_word_for_word() -> None:
    rows = re.findall(r"^\| (\d{4}) \| (.+) \| (.+) \| (.+) \|$", GUIDE, re.MULTILINE)
    assert rows == [(each.digits, each.when, each.says, each.mend) for each in ENDINGS]


def test_the_guide_has_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line.arguments(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert {option for option in options if f"`{option}`" not in GUIDE} == set()


async def test_the_guide_has_every_control_path(carrier: Sandbox) -> None:
    paths = {route.path for route in routes(carrier.world)}
    assert {path for path in paths if path not in GUIDE} == set()
