"""What spreadsheets do to digits, and how much of it can be undone.

Excel shows long numbers in scientific notation and saves that in CSV. Only when every digit is
still written is the number known; otherwise it is lost, never completed with zeros
(research/domain.md 4.10).
"""

import re
from dataclasses import dataclass

# Possessive (`*+`): what a cell may hold must never make a pattern try each way of dividing it.
_WRAPPED = re.compile(r"""=\s*+["“”](?P<inside>[^"“”]*+)["“”]""")
_BARE = re.compile(r"=\s*+(?P<inside>\+?[\d ().-]++)", re.ASCII)
_SCIENTIFIC = re.compile(
    r"\+?(?P<whole>\d)(?:[.,](?P<part>\d*))?[eE](?P<sign>\+?)(?P<exponent>\d{1,3})", re.ASCII
)
_DECIMAL = re.compile(r"\+?(?P<whole>\d{2,})[.,]0+", re.ASCII)
_GONE = re.compile(r"#+|#[A-Z0/]+[!?]", re.ASCII)
"""What stands in a cell too narrow, or one whose value is no text and no number."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """A cell as it was meant. `lost`: digits are missing, and the text stays as it is."""

    text: str
    recovered: bool = False
    lost: bool = False


def unwrapped(cell: str) -> str:
    """The cell without the tricks that keep Excel from changing it: ="0123" and '0123."""
    text = cell.strip()
    if text.startswith(("'", "’")):
        return text[1:].lstrip()
    if text.startswith("="):
        matched = _WRAPPED.fullmatch(text) or _BARE.fullmatch(text)
        return text if matched is None else matched["inside"].strip()
    return text


def repaired(text: str, *, words: bool = False) -> Repaired:
    """Undo scientific and decimal notation where all digits are there.

    `words`: the column may hold letters, so that 12E4 is a value of its own; only Excel's very
    way of writing (1.23E+11) counts there.
    """
    if text.isdigit():
        return Repaired(text)
    if _GONE.fullmatch(text):
        return Repaired(text, lost=True)
    scientific = _SCIENTIFIC.fullmatch(text)
    if scientific is not None and not (words and not scientific["sign"]):
        digits = scientific["whole"] + (scientific["part"] or "")
        if len(digits) == int(scientific["exponent"]) + 1:
            return Repaired(digits, recovered=True)
        return Repaired(text, lost=True)
    decimal = _DECIMAL.fullmatch(text)
    if decimal is not None and len(decimal["whole"]) < 16:
        return Repaired(decimal["whole"], recovered=True)
    return Repaired(text)
