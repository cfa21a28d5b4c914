"""Text that cannot be kept is refused before anything runs, naming where it stands."""

from typing import Any

import pytest
import strawberry

from schema.faults import Code, Fault
from schema.guard import build_schema
from schema.text import MAX_DEPTH, fault_of_text, refuse_unkeepable


@strawberry.input
class Words:
    """Some text."""

    name: str
    more: list[str] | None = None


@strawberry.type
class Query:
    """Gives back what it got."""

    @strawberry.field
    def echo(self, words: Words) -> str:
        """Never reached by text that cannot be kept."""
        return words.name


SCHEMA = build_schema(Query)
ECHO = "query($words: Words!) { echo(words: $words) }"


@pytest.mark.parametrize(
    ("variables", "where"),
    [
        ({"words": {"name": "a\0b"}}, "$words.name holds a NUL character"),
        ({"words": {"name": "\ud83d"}}, "$words.name holds a lone surrogate (U+D83D)"),
        ({"words": {"name": "a", "more": ["b", "\0"]}}, "$words.more.1 holds a NUL"),
        ({"words": {"name": "a", "\0": "b"}}, "$words holds a NUL"),
    ],
)
async def test_variables_are_named(variables: dict[str, Any], where: str) -> None:
    done = await SCHEMA.execute(ECHO, variable_values=variables)
    assert done.data is None
    (error,) = done.errors or []
    assert where in error.message
    assert error.extensions is not None
    assert error.extensions["code"] == "BAD_USER_INPUT"


async def test_text_in_the_document_counts_too() -> None:
    done = await SCHEMA.execute(r'{ echo(words: {name: "a\u0000"}) }')
    (error,) = done.errors or []
    assert "NUL" in error.message
    assert error.extensions is not None
    assert error.extensions["code"] == "BAD_USER_INPUT"
    assert error.locations is not None


async def test_every_other_character_is_welcome() -> None:
    for name in ("ü", "\u202emark", "😀", "\t\n", 'den" or status = "reserved'):
        done = await SCHEMA.execute(ECHO, variable_values={"words": {"name": name}})
        assert done.data == {"echo": name}
    assert fault_of_text("😀") is None


def test_variables_have_a_depth() -> None:
    value: Any = "x"
    for _ in range(MAX_DEPTH):
        value = [value]
    refuse_unkeepable({"deep": value[0]})
    refuse_unkeepable(None)
    with pytest.raises(Fault, match="nested deeper") as caught:
        refuse_unkeepable({"deep": [value]})
    assert caught.value.code is Code.BAD_USER_INPUT
