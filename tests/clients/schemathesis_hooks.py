"""What schemathesis makes up for our schema. It loads this file itself (SCHEMATHESIS_HOOKS).

Values for our scalars; and, in most requests, arguments that let them through the door: a cursor
or an id that is random text is refused before anything interesting happens, so a fuzzer that knows
none tests only the refusals. The other requests keep whatever was made up.
"""

import json
import os
import zlib
from datetime import UTC
from typing import Any

import schemathesis
from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    FieldNode,
    NameNode,
    ObjectFieldNode,
    Visitor,
    parse_value,
    print_ast,
    visit,
)
from hypothesis import strategies as st
from schemathesis.graphql import nodes

# Argument or input field → GraphQL literal; None leaves it out. FUZZ_KNOWN adds what really exists;
# "customer.id" there is the argument `id` of the root field `customer`.
LITERALS: dict[str, str | None] = {
    "first": "5",
    "last": None,
    "after": None,
    "before": None,
    "from": None,
    "to": None,
    "acquiredAfter": None,
    "acquiredBefore": None,
    "npas": '["303"]',
    "nxx": None,
    "state": None,
    "locality": None,
    "latas": None,
    "rateCenter": None,
    "startsWith": None,
    "contains": None,
    "endsWith": None,
    "consecutive": None,
    "numberStartsWith": '"+1303"',
    "numberEndsWith": None,
    "query": '"(status = \\"available\\")"',
    **json.loads(os.environ.get("FUZZ_KNOWN", "{}")),
}
# Of eight times, how often a made-up argument is replaced.
TAMED = 6

NUMBERS = st.from_regex(r"\A\+1[2-9][0-9]{2}[2-9][0-9]{6}\Z") | st.from_regex(r"\A[0-9]{1,12}\Z")
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat())
KEYS = st.from_regex(r"\A[a-z_]{1,12}\Z")


class Tamer(Visitor):
    """Replaces arguments and input fields by name; which ones depends on the document alone."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed
        self._field = ""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self._field = node.name.value

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
        return self._tamed(node, ArgumentNode)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> Any:
        return self._tamed(node, ObjectFieldNode)

    def _tamed(self, node: Any, kind: type[Any]) -> Any:
        name = node.name.value
        known = next((key for key in (f"{self._field}.{name}", name) if key in LITERALS), None)
        chance = zlib.crc32(f"{self._seed}{name}".encode()) % 8
        if known is None or chance >= TAMED:
            return None
        literal = LITERALS[known]
        if literal is None:
            return REMOVE
        return kind(name=NameNode(value=name), value=parse_value(literal))


@schemathesis.hook
def map_body(_context: object, body: DocumentNode) -> DocumentNode:
    """Called with every document before it is sent."""
    tamed: DocumentNode = visit(body, Tamer(zlib.crc32(print_ast(body).encode())))
    return tamed


def _object(entries: dict[str, str]) -> object:
    return nodes.Object(
        [
            ObjectFieldNode(name=NameNode(value=key), value=nodes.String(text))
            for key, text in entries.items()
        ]
    )


schemathesis.graphql.scalar("E164", NUMBERS.map(nodes.String))
schemathesis.graphql.scalar("DateTime", (MOMENTS | st.text(max_size=12)).map(nodes.String))
schemathesis.graphql.scalar("Date", st.dates().map(lambda day: nodes.String(day.isoformat())))
schemathesis.graphql.scalar("Decimal", st.decimals(places=2).map(str).map(nodes.String))
schemathesis.graphql.scalar("Upload", st.text(max_size=8).map(nodes.String))
schemathesis.graphql.scalar(
    "JSON", st.dictionaries(KEYS, st.text(max_size=8), max_size=3).map(_object)
)
