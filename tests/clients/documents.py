"""The committed GraphQL documents: the explorer's ready-made tabs and the portal documents."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_schema

ROOT = Path(__file__).parents[2]
SDL = ROOT / "schema" / "schema.graphql"
NODE = Path(__file__).parent / "node"
TABS = sorted((ROOT / "portal" / "explorer" / "src" / "tabs").glob("*.graphql"))
PORTAL = sorted((NODE / "documents").glob("*.graphql"))


@cache
def committed_schema() -> GraphQLSchema:
    """The schema as committed for clients, not as the code makes it."""
    return build_schema(SDL.read_text(encoding="utf-8"))


def variables_of(tab: Path) -> dict[str, Any]:
    """The variables that a ready-made tab opens with."""
    beside = tab.with_suffix(".json")
    return json.loads(beside.read_text(encoding="utf-8")) if beside.exists() else {}
