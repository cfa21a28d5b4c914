"""What an operation may cost at most, in points, computed before it runs.

A point is about one row: objects that are a `Node` cost 1, value objects and scalars nothing, a
connection `first` (or `last`) times what one of its nodes costs, another list `first` times too if
it takes one, else as often as the ids it is given, else `LIST_SIZE` times. Calls to the carrier,
mutations and counting a whole list (`totalCount`) have a weight of their own.
Fragments are priced once, so the pass is linear, and aliases cannot hide anything: costs add up.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    value_from_ast_untyped,
)
from graphql.utilities.coerce_input_value import coerce_default_value

from schema.documents import fragments_of

LIST_SIZE = 5
MAX_PAGE = 100
MUTATION = 10
CARRIER_CALL = 10
FILE = 90
COUNT = 10
REFUSED = 20

# "Type.field" -> points, on top of what the field returns.
WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        "Query.searchInventory": CARRIER_CALL,
        "Query.carrierInventory": CARRIER_CALL,
        "Query.validateInventoryQuery": CARRIER_CALL,
        # A second of a processor, whatever is in it.
        "Mutation.lintPortFile": FILE,
        "Mutation.uploadPortFile": FILE,
        "Mutation.uploadPortDocument": FILE,
        # One upstream call serves a whole page, so a lookup weighs little more than a row.
        "Did.carrier": 1,
    }
)


class Price(NamedTuple):
    """Points of a selection set: once, and again for each row of the page it is on."""

    once: int = 0
    each: int = 0

    def plus(self, other: "Price") -> "Price":
        """Both together."""
        return Price(self.once + other.once, self.each + other.each)


class Pricing:
    """One operation of a document, with its variables as they were sent."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        weights: Mapping[str, int] = WEIGHTS,
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._variables = variables
        self._weights = weights
        self._definitions = fragments_of(document)
        self._priced: dict[str, Price] = {}
        self._defaults = {
            node.variable.name.value: node.default_value
            for node in operation.variable_definitions or ()
        }

    def total(self) -> int:
        """The price of the operation, at least 1."""
        root = self._schema.get_root_type(self._operation.operation)
        price = self._of(root, self._operation.selection_set) if root else Price()
        return max(1, price.once + price.each)

    def _of(self, parent: GraphQLCompositeType, selection_set: SelectionSetNode | None) -> Price:
        price = Price()
        for selection in selection_set.selections if selection_set else ():
            if isinstance(selection, FieldNode):
                price = price.plus(self._field(parent, selection))
            elif isinstance(selection, InlineFragmentNode):
                inner = self._narrowed(parent, selection)
                price = price.plus(self._of(inner, selection.selection_set))
            else:
                spread = cast("FragmentSpreadNode", selection)
                price = price.plus(self._spread(spread.name.value))
        return price

    def _narrowed(
        self, parent: GraphQLCompositeType, selection: InlineFragmentNode
    ) -> GraphQLCompositeType:
        if selection.type_condition is None:
            return parent
        return self._composite(selection.type_condition.name.value) or parent

    def _composite(self, name: str) -> GraphQLCompositeType | None:
        found = self._schema.type_map.get(name)
        return found if found is not None and is_composite_type(found) else None

    def _spread(self, name: str) -> Price:
        if name not in self._priced:
            definition = self._definitions[name]
            target = self._composite(definition.type_condition.name.value)
            self._priced[name] = self._of(target, definition.selection_set) if target else Price()
        return self._priced[name]

    def _field(self, parent: GraphQLCompositeType, node: FieldNode) -> Price:
        name = node.name.value
        definition = self._schema.get_field(parent, name)
        if definition is None or name.startswith("__"):
            return Price()
        points = self._weights.get(f"{parent.name}.{name}", 0)
        if parent is self._schema.get_root_type(OperationType.MUTATION):
            points += MUTATION
        elif name == "totalCount" and parent.name.endswith("Connection"):
            points += COUNT
        target = get_named_type(definition.type)
        if not is_composite_type(target):
            return Price(points)
        inner = self._of(target, node.selection_set)
        row = _row_points(target) + inner.once
        if parent.name.endswith("Connection") and _is_list(definition):
            return Price(points, row)
        if target.name.endswith("Connection"):
            return Price(points + 1 + inner.once + inner.each * self._page(definition, node))
        return Price(points + row * self._repeats(definition, node))

    def _page(self, definition: GraphQLField, node: FieldNode) -> int:
        """How many rows the page may have: `last` if given, else `first`, else its default."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        for name in ("last", "first"):
            asked = self._value(given.get(name))
            # GraphQL takes 100.0 for an Int as well.
            if isinstance(asked, int | float):
                return int(min(max(asked, 0), MAX_PAGE))
        first = definition.args.get("first")
        fallback = coerce_default_value(first) if first else None
        return fallback if isinstance(fallback, int) else MAX_PAGE

    def _repeats(self, definition: GraphQLField, node: FieldNode) -> int:
        if not _is_list(definition):
            return 1
        if "first" in definition.args:
            return self._page(definition, node)
        for argument in node.arguments or ():
            if _is_list(definition.args[argument.name.value]):
                asked = self._value(argument.value)
                return len(asked) if isinstance(asked, list) else 1
        return LIST_SIZE

    def _value(self, node: ValueNode | None) -> Any:
        if isinstance(node, VariableNode):
            name = node.name.value
            if name in self._variables:
                return self._variables[name]
            return self._value(self._defaults.get(name))
        if isinstance(node, IntValueNode | ListValueNode):
            return value_from_ast_untyped(node, dict(self._variables))
        return None


def _is_list(described: Any) -> bool:
    kind = described.type
    return is_list_type(kind.of_type if is_non_null_type(kind) else kind)


def _row_points(target: GraphQLNamedType) -> int:
    """1 for what is a row of its own; abstract types are priced as if they were."""
    if not isinstance(target, GraphQLObjectType):
        return 1
    return int(any(interface.name == "Node" for interface in target.interfaces))
