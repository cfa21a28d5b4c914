"""Query text → tokens, each with its offset: errors point into the text they came from."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from teliport.sandbox.query.errors import QueryFault


class Kind(Enum):
    """What a token is. Keywords are words: `state = or` asks for Oregon."""

    WORD = auto()
    TEXT = auto()
    SYMBOL = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query; of a quoted one, `text` is what the quotes hold, unescaped."""

    kind: Kind
    text: str
    position: int

    @property
    def keyword(self) -> str:
        """The word in lower case, or the symbol; empty for a quoted text, which is never syntax."""
        return "" if self.kind is Kind.TEXT else self.text.lower()


_TOKEN = re.compile(
    r'\s*(?:(?P<symbol>!=|[=(),])|"(?P<text>(?:[^"\\]|\\.)*)"|(?P<word>[^\s=!(),"]+))',
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def tokens(query: str) -> list[Token]:
    """All tokens and a last END. Raises QueryFault at a lone `!` or an unclosed quote."""
    found: list[Token] = []
    at, end = 0, len(query.rstrip())
    while at < end:
        match = _TOKEN.match(query, at)
        if match is None:
            raise _unreadable(query, at)
        found.append(_token(match))
        at = match.end()
    found.append(Token(Kind.END, "", end))
    return found


def _token(match: re.Match[str]) -> Token:
    if match["text"] is not None:
        return Token(Kind.TEXT, _ESCAPE.sub(r"\1", match["text"]), match.start("text") - 1)
    if match["word"] is not None:
        return Token(Kind.WORD, match["word"], match.start("word"))
    return Token(Kind.SYMBOL, match["symbol"], match.start("symbol"))


def _unreadable(query: str, at: int) -> QueryFault:
    position = at + len(query[at:]) - len(query[at:].lstrip())
    if query[position] == '"':
        return QueryFault("The quoted value is never closed", position, ('"',))
    return QueryFault(f"Unexpected {query[position]!r}", position, ("=", "!="))
