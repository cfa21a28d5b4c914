"""Values for our scalars, good and odd ones mixed. Loaded by schemathesis (SCHEMATHESIS_HOOKS)."""

from datetime import UTC

import schemathesis
from graphql import NameNode, ObjectFieldNode
from hypothesis import strategies as st
from schemathesis.graphql import nodes

NUMBERS = st.from_regex(r"\A\+1[2-9][0-9]{2}[2-9][0-9]{6}\Z") | st.from_regex(r"\A[0-9]{1,12}\Z")
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat())
AMOUNTS = st.decimals(places=2).map(str)
KEYS = st.from_regex(r"\A[a-z_]{1,12}\Z")


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
schemathesis.graphql.scalar("Decimal", AMOUNTS.map(nodes.String))
schemathesis.graphql.scalar(
    "JSON", st.dictionaries(KEYS, st.text(max_size=8), max_size=3).map(_object)
)
