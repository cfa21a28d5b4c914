"""How large one document may be, measured in one linear pass before any validation rule runs.

Strawberry's own QueryDepthLimiter and MaxAliasesLimiter expand fragments again at each spread: a
document of 600 bytes costs them seconds (research/graphql.md 0.1). Here each fragment is measured
once, so sixty fragments that double each other are counted, not walked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from schema.faults import Code, Fault


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one document. Lengths are in characters, the rest are counts.

    `fields` counts after fragment expansion, `aliases` and `directives` as written. Sources:
    GraphQL Armor's defaults, widened for a portal's largest page (research/graphql.md E).
    """

    depth: int = 12
    aliases: int = 30
    directives: int = 30
    fields: int = 2000
    root_fields: int = 20
    tokens: int = 2000
    comments: int = 200
    source: int = 40_000


class Size(NamedTuple):
    """What a selection set comes to with its fragments in place: fields, depth, own width."""

    fields: int = 0
    depth: int = 0
    width: int = 0


class Ruler:
    """Measures the selection sets of one document, each fragment once."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._measured: dict[str, Size] = {}

    def measure(self, selection_set: SelectionSetNode | None) -> Size:
        """The expanded size. Raises RecursionError on nesting that no honest document has."""
        fields = depth = width = 0
        for selection in selection_set.selections if selection_set else ():
            size = self._one(selection)
            fields += size.fields
            depth = max(depth, size.depth)
            width += size.width
        return Size(fields, depth, width)

    def _one(self, selection: SelectionNode) -> Size:
        if isinstance(selection, FieldNode):
            inner = self.measure(selection.selection_set)
            # The standard introspection query is 13 deep; graphql-core bounds it by its own rule.
            depth = 1 if selection.name.value.startswith("__") else 1 + inner.depth
            return Size(1 + inner.fields, depth, 1)
        if isinstance(selection, InlineFragmentNode):
            return self.measure(selection.selection_set)
        return self._fragment(cast("FragmentSpreadNode", selection).name.value)

    def _fragment(self, name: str) -> Size:
        if name not in self._measured:
            # A cycle meets this zero and ends; validation then reports it, and unknown names.
            self._measured[name] = Size()
            fragment = self._fragments.get(name)
            if fragment:
                self._measured[name] = self.measure(fragment.selection_set)
        return self._measured[name]


def oversize(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """Each limit the document breaks, as GRAPHQL_VALIDATION_FAILED; empty when it keeps them."""
    try:
        return [
            _fault(what, found, allowed)
            for what, found, allowed in _measures(document, limits)
            if found > allowed
        ]
    except RecursionError:
        return [Fault(Code.GRAPHQL_VALIDATION_FAILED, "The document is nested too deeply.")]


def _measures(document: DocumentNode, limits: Limits) -> Iterator[tuple[str, int, int]]:
    ruler = Ruler(document)
    sizes = [
        ruler.measure(node.selection_set)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    ]
    aliases, directives = _written(document)
    largest = Size(*(max(each) for each in zip(*sizes, strict=True))) if sizes else Size()
    yield "aliases", aliases, limits.aliases
    yield "directives", directives, limits.directives
    yield "fields at its root", largest.width, limits.root_fields
    yield "levels of depth", largest.depth, limits.depth
    yield "fields", sum(size.fields for size in sizes), limits.fields


def _written(document: DocumentNode) -> tuple[int, int]:
    """Aliases and directives in the text, without recursion."""
    aliases = directives = 0
    stack: list[object] = list(document.definitions)
    while stack:
        node = stack.pop()
        directives += len(getattr(node, "directives", None) or ())
        aliases += isinstance(node, FieldNode) and node.alias is not None
        stack.extend(getattr(node, "variable_definitions", None) or ())
        selection_set = getattr(node, "selection_set", None)
        stack.extend(selection_set.selections if selection_set else ())
    return aliases, directives


def _fault(what: str, found: int, allowed: int) -> GraphQLError:
    counted = found if found < 1_000_000 else "more than a million"
    return Fault(
        Code.GRAPHQL_VALIDATION_FAILED,
        f"The document has {counted} {what}; at most {allowed} are allowed. Split it up.",
    )
