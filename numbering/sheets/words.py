"""Cells that hold words or codes: tidied, bounded, and free of what nobody can see."""

import re
import unicodedata
from collections.abc import Mapping

from numbering.sheets.excel import repaired, unwrapped
from numbering.sheets.rules import PortFileCode

LIMITS: Mapping[str, int] = {
    "lsp_name": 100,
    "lsp_spid": 10,
    "account_number": 32,
    "pin": 10,
    "notes": 500,
}
"""Characters; account number and PIN as in orders elsewhere (research/domain.md 2.7)."""

NOTHING = frozenset({"", "-", "--", "n/a", "na", "none", "null", "nil", "nan", "#n/a"})
"""What people and programs write when they mean an empty cell."""

_PROSE = frozenset({"lsp_name", "notes"})
# Possessive: a cell may be nothing but spaces, sixty thousand of them.
_SPACES = re.compile(r"\s++")
_CONTROL = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


class Unusable(Exception):
    """The cell breaks a rule; the words never repeat it."""

    def __init__(self, code: PortFileCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def tidied(column: str, cell: str) -> str | None:
    """The cell as it is kept, None if it means nothing; Unusable with the reason."""
    text = _SPACES.sub(_one_line, unwrapped(cell)).strip()
    if text.lower() in NOTHING:
        return None
    if not (text.isascii() and text.isprintable()):
        text = _visible(column, text)
    if len(text) > LIMITS[column]:
        raise Unusable(
            PortFileCode.TOO_LONG, f"At most {LIMITS[column]} characters fit; here are {len(text)}."
        )
    return text


def _one_line(spaces: re.Match[str]) -> str:
    """Spaces as they are; one with a line end or a tab among them is one space."""
    return " " if spaces[0].strip(" ") else spaces[0]


def exact(column: str, cell: str) -> tuple[str | None, bool]:
    """An account number or PIN, and whether it was recovered from Excel; Unusable as above."""
    text = tidied(column, cell)
    if text is None:
        return None, False
    excel = repaired(text, words=True)
    if excel.lost:
        raise Unusable(
            PortFileCode.DIGITS_LOST,
            "Excel did not keep every digit. Format the column as text and type it again.",
        )
    return excel.text, excel.recovered


def _visible(column: str, text: str) -> str:
    """In prose, marks that nobody sees are dropped; in a value that must be exact they refuse."""
    categories = {unicodedata.category(c) for c in text}
    if categories & _CONTROL or ("Cf" in categories and column not in _PROSE):
        raise Unusable(
            PortFileCode.CONTROL_CHARACTER,
            "The cell contains an invisible character. Type it anew instead of pasting it.",
        )
    return "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
