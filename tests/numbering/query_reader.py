"""A second, tiny reader of the query language, written from teliport-contract.md alone.

It shares nothing with the code that writes queries. It reads what we are allowed to send: terms in
parentheses joined by `and`, every value in double quotes; any other text is an error.
"""

from dataclasses import dataclass

_FIELDS = ("status", "npa", "nxx", "tn", "state", "locality", "lata", "rate_center")
_OPERATORS = ("=", "!=", "in", "contains", "starts_with", "ends_with")


@dataclass(frozen=True)
class Term:
    """One condition: `field operator values`."""

    field: str
    operator: str
    values: tuple[str, ...]


class NotAQuery(Exception):
    """The text does not follow the grammar."""


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def take(self, expected: str) -> None:
        if not self.text.startswith(expected, self.at):
            raise NotAQuery(f"{expected!r} expected at {self.at}")
        self.at += len(expected)

    def word(self, allowed: tuple[str, ...]) -> str:
        end = self.text.find(" ", self.at)
        found = self.text[self.at : end]
        if end < 0 or found not in allowed:
            raise NotAQuery(f"unknown word at {self.at}")
        self.at = end + 1
        return found

    def value(self, *, backslash_escapes_itself: bool) -> str:
        self.take('"')
        read = ""
        while (char := self.text[self.at : self.at + 1]) != '"':
            if not char:
                raise NotAQuery("a value does not end")
            escapes = ('\\"', "\\\\") if backslash_escapes_itself else ('\\"',)
            if self.text[self.at : self.at + 2] in escapes:
                self.at += 1
            read += self.text[self.at]
            self.at += 1
        self.at += 1
        return read


def read_query(text: str, *, backslash_escapes_itself: bool = True) -> list[Term]:
    """The terms, all joined by `and`; NotAQuery for anything else.

    The contract names only the escape of a quote; whether a backslash escapes itself is not known,
    so both ways of reading are offered.
    """
    reader = _Reader(text)
    terms = []
    while True:
        reader.take("(")
        field, operator = reader.word(_FIELDS), reader.word(_OPERATORS)
        values = []
        if operator == "in":
            reader.take("(")
        values.append(reader.value(backslash_escapes_itself=backslash_escapes_itself))
        while operator == "in" and reader.text.startswith(",", reader.at):
            reader.take(",")
            values.append(reader.value(backslash_escapes_itself=backslash_escapes_itself))
        if operator == "in":
            reader.take(")")
        reader.take(")")
        terms.append(Term(field, operator, tuple(values)))
        if reader.at == len(text):
            return terms
        reader.take(" and ")
