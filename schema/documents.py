"""Query text to a document that is safe to run: parsed, measured, validated, remembered.

One cache instead of Strawberry's ParserCache and ValidationCache: those let a syntax error escape
streaming transports (strawberry #1439) and pass neither `hide_suggestions` nor our limits.
"""

from functools import lru_cache
from typing import NamedTuple

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    ValidationContext,
    VariableDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema.faults import Code, Fault, code_of
from schema.limits import Limits, oversize
from schema.text import KeepableText

# graphql-core compares every two fields of one response name. Its own budget stops a document of
# 1 900 equal fields after 130 ms; a fifth of it stops it after 25, and is far from honest ones.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 100_000

# A document at its limits takes about 2 MB as an AST, so this bounds an attacker to 250 MB.
REMEMBERED = 128
MAX_ERRORS = 5


class Prepared(NamedTuple):
    """A document, or why there is none. Shared between requests: never change its errors."""

    document: DocumentNode | None
    faults: tuple[GraphQLError, ...]


class CacheInfo(NamedTuple):
    """How often a document was remembered."""

    hits: int
    misses: int
    size: int


class OneOfRule(OneOfInputValidationRule):
    """Strawberry's rule, which fails on a fragment written before its operation."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.variable_definitions = {}
        for node in context.document.definitions:
            if isinstance(node, OperationDefinitionNode):
                for definition in node.variable_definitions or ():
                    self.enter_variable_definition(definition)

    def enter_operation_definition(self, node: object, *_args: object) -> None:
        """Keep what `__init__` gathered."""

    def enter_variable_definition(self, node: VariableDefinitionNode, *_args: object) -> None:
        """Remember a variable by its name."""
        self.variable_definitions[node.variable.name.value] = node


# Built once: a rule class made per request would be a new cache key each time.
OPEN_RULES: tuple[type[ASTValidationRule], ...] = tuple(specified_rules)
CLOSED_RULES = (*OPEN_RULES, NoSchemaIntrospectionCustomRule)
# These two crash on documents that break the rules above (an undefined variable), so they follow.
INPUT_RULES: tuple[type[ASTValidationRule], ...] = (
    MaybeNullValidationRule,
    OneOfRule,
    KeepableText,
)


class Documents:
    """Prepares documents for one schema and remembers the latest `REMEMBERED` of them."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._cached = lru_cache(maxsize=REMEMBERED)(self._prepare)

    def prepare(self, text: str, *, introspection: bool) -> Prepared:
        """The document of `text`; whether it may introspect is part of what is remembered."""
        if len(text) > self._limits.source:
            # Not remembered: its key alone would be a megabyte.
            return self._prepare(text, introspection)
        return self._cached(text, introspection)

    def cache_info(self) -> CacheInfo:
        """Hits and misses since the process started."""
        info = self._cached.cache_info()
        return CacheInfo(info.hits, info.misses, info.currsize)

    def _prepare(self, text: str, introspection: bool) -> Prepared:  # noqa: FBT001 - cache key
        try:
            document = parse(
                text,
                max_lexical_tokens=self._limits.tokens,
                max_comments=self._limits.comments,
                max_source_length=self._limits.source,
            )
        except GraphQLError as error:
            return Prepared(None, (_coded(error, Code.GRAPHQL_PARSE_FAILED),))
        faults = oversize(document, self._limits)
        rules = OPEN_RULES if introspection else CLOSED_RULES
        faults = faults or self._validate(document, rules)
        faults = faults or self._validate(document, INPUT_RULES)
        return Prepared(
            None if faults else document,
            tuple(_coded(fault, Code.GRAPHQL_VALIDATION_FAILED) for fault in faults),
        )

    def _validate(
        self, document: DocumentNode, rules: tuple[type[ASTValidationRule], ...]
    ) -> list[GraphQLError]:
        return validate(self._schema, document, rules, max_errors=MAX_ERRORS, hide_suggestions=True)


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation to run. Raises Fault(OPERATION_RESOLUTION_FAILURE) unless exactly one fits.

    Strawberry would run the first of several; the specification (6.1) says to refuse.
    """
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
    if len(operations) == 1:
        return operations[0]
    if operations:
        message = "The document has several operations: say which one with operationName."
    elif name is not None:
        message = "The document has no operation of the name in operationName."
    else:
        message = "The document has no operation."
    raise Fault(Code.OPERATION_RESOLUTION_FAILURE, message)


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments of a document by name."""
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


def _coded(error: GraphQLError, code: Code) -> GraphQLError:
    if code_of(error):
        return error
    # Parse errors hold the traceback of the parser; a remembered one would keep its frames alive.
    return GraphQLError(
        error.message,
        error.nodes,
        error.source,
        error.positions,
        extensions={"code": code.value},
    )
