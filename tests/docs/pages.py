"""Code blocks of Markdown pages, and the examples of the API guide made of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(\S+(?: \S+)*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_DIRECTIVE = re.compile(r"^# (as|expect|gives (\w+)): (\S+)$", re.MULTILINE)


def page(name: str) -> str:
    """A page by its path in the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Language (the whole info string) and content of each fenced block that names one."""
    for found in _BLOCK.finditer(text):
        yield found[1], found[2]


@dataclass
class Example:
    """A GraphQL block, the variables behind it and, where the page shows it, the answer.

    `gives` are paths into the data, by the placeholder that they fill.
    """

    title: str
    document: str
    as_: str = "customerA"
    expect: str | None = None
    gives: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] | None = None

    @classmethod
    def of(cls, document: str) -> "Example":
        """Read the comments on top: the title, then `as`, `expect` and `gives`."""
        title = document.partition("\n")[0]
        assert title.startswith("# "), f"an example without a title: {title}"
        example = cls(title[2:], document)
        for directive in _DIRECTIVE.finditer(document):
            if directive[2]:
                example.gives[directive[2]] = directive[3]
            elif directive[1] == "as":
                example.as_ = directive[3]
            else:
                example.expect = directive[3]
        return example


def examples(text: str) -> list[Example]:
    """The examples of a page, in its order."""
    found: list[Example] = []
    for language, content in blocks(text):
        if language == "graphql":
            found.append(Example.of(content))
        elif language == "json":
            found[-1].variables = orjson.loads(content)
        elif language == "json answer":
            found[-1].answer = orjson.loads(content)
    return found


def at(path: str, value: Any) -> Any:
    """A value by names and positions between dots."""
    for key in path.split("."):
        value = value[int(key) if key.isdigit() else key]
    return value


def filled(value: Any, known: dict[str, Any]) -> Any:
    """The value with each `"$NAME"` replaced by what an earlier answer gave."""
    if isinstance(value, dict):
        return {key: filled(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known) for each in value]
    if isinstance(value, str) and value.startswith("$"):
        return known[value[1:]]
    return value
