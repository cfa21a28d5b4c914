"""Tokens → tree, by recursive descent.

    or    = and ("or" and)*
    and   = part ("and" part)*
    part  = "(" or ")" | term
    term  = field ("or" field)* op value

A field followed by `or` instead of an operator shares the operator that comes, so one token of
lookahead decides everything: `locality or lata_name contains x` is one term.
"""

from teliport.sandbox.query.errors import QueryFault
from teliport.sandbox.query.lexer import Kind, Token, tokens
from teliport.sandbox.query.tree import (
    CLOSED,
    FIELD_NAMES,
    METADATA_PREFIX,
    OPERATOR_NAMES,
    And,
    Column,
    Field,
    Node,
    Operator,
    Or,
    Term,
)

_DEEPEST = 50
_EXACT = (Operator.EQUAL, Operator.UNEQUAL, Operator.IN)
_FIELDS = {field.value: field for field in Field if field is not Field.METADATA}


def parse(query: str) -> Node:
    """The tree of this query. Raises QueryFault with the offset and what could stand there."""
    parser = _Parser(tokens(query))
    tree = parser.either()
    parser.expect_end()
    return tree


class _Parser:
    def __init__(self, read: list[Token]) -> None:
        self._tokens = read
        self._at = 0
        self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _took(self, keyword: str) -> bool:
        if self._next.keyword != keyword:
            return False
        self._at += 1
        return True

    def _fault(self, expected: str, options: tuple[str, ...]) -> QueryFault:
        token = self._next
        found = "the end of the query" if token.kind is Kind.END else repr(token.text)
        return QueryFault(f"Expected {expected}, found {found}", token.position, options)

    def _expect(self, keyword: str, expected: str, options: tuple[str, ...]) -> None:
        if not self._took(keyword):
            raise self._fault(expected, options)

    def expect_end(self) -> None:
        if self._next.kind is not Kind.END:
            raise self._fault("'and', 'or' or the end of the query", ("and", "or"))

    def either(self) -> Node:
        parts = [self._all()]
        while self._took("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Node:
        parts = [self._part()]
        while self._took("and"):
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _part(self) -> Node:
        if not self._took("("):
            return self._term()
        self._depth += 1
        if self._depth > _DEEPEST:
            message = f"Parentheses are nested more than {_DEEPEST} deep"
            raise QueryFault(message, self._next.position, FIELD_NAMES)
        inner = self.either()
        self._expect(")", "')', 'and' or 'or'", (")", "and", "or"))
        self._depth -= 1
        return inner

    def _term(self) -> Term:
        columns = [self._column()]
        while self._took("or"):
            columns.append(self._column())
        operator = self._operator()
        options = _options(columns) if operator in _EXACT else ()
        values = self._values(options) if operator is Operator.IN else (self._value(options),)
        return Term(tuple(columns), operator, values)

    def _column(self) -> Column:
        token = self._next
        if token.kind is Kind.WORD:
            if token.keyword in _FIELDS:
                return Column(_FIELDS[self._take().keyword])
            if token.keyword.startswith(METADATA_PREFIX) and len(token.text) > len(METADATA_PREFIX):
                return Column(Field.METADATA, self._take().text[len(METADATA_PREFIX) :])
        raise self._fault("a field", FIELD_NAMES)

    def _operator(self) -> Operator:
        if self._next.keyword not in OPERATOR_NAMES:
            raise self._fault("an operator", (*OPERATOR_NAMES, "or"))
        return Operator(self._take().keyword)

    def _values(self, options: tuple[str, ...]) -> tuple[str, ...]:
        self._expect("(", "'(' and a list of values", ("(",))
        values = [self._value(options)]
        while self._took(","):
            values.append(self._value(options))
        self._expect(")", "',' or ')'", (",", ")"))
        return tuple(values)

    def _value(self, options: tuple[str, ...]) -> str:
        token = self._next
        if token.kind not in (Kind.WORD, Kind.TEXT):
            raise self._fault("a value", options)
        if options and token.text.lower() not in {option.lower() for option in options}:
            raise self._fault("one of " + ", ".join(options), options)
        return self._take().text


def _options(columns: list[Column]) -> tuple[str, ...]:
    """The words that a value may be, when every column of the term has only such words."""
    if not all(column.field in CLOSED for column in columns):
        return ()
    return tuple(option for column in columns for option in CLOSED[column.field])
