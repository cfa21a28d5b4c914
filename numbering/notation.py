"""How people write telephone numbers: from any text to ten digits, or the reason why not.

Nothing is guessed: a missing area code is not filled in, and text that merely looks like digits
(full-width forms, invisible marks) is refused rather than repaired, because the number that a
person sees must be the number that is bought.
"""

import re
import unicodedata
from enum import StrEnum

from numbering.refusals import Invalid

MAX_LENGTH = 40
"""Longer text is not a number; also the bound on what the rules below look at."""

_E164 = re.compile(r"\+1[2-9][0-9]{9}", re.ASCII)
_EXTENSION_WORDS = frozenset({"x", "ext", "extn", "extension"})
_EXTENSION_SIGNS = frozenset("#;,*")
# Dashes that word processors put in place of hyphens, and spaces that do not break.
_SEPARATORS = frozenset(" \t()[].-/\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013\u2014\u2212")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class NumberFault(StrEnum):
    """Why a text is not a number that can be ordered here."""

    EMPTY = "EMPTY"
    LETTERS = "LETTERS"
    EXTENSION = "EXTENSION"
    WRONG_LENGTH = "WRONG_LENGTH"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"
    FOREIGN_DIGITS = "FOREIGN_DIGITS"
    SYMBOL = "SYMBOL"
    FOREIGN = "FOREIGN"
    NOT_NANP = "NOT_NANP"
    N11 = "N11"
    FICTIONAL = "FICTIONAL"
    DIRECTORY = "DIRECTORY"
    PREMIUM = "PREMIUM"
    NON_GEOGRAPHIC = "NON_GEOGRAPHIC"
    RESERVED = "RESERVED"


class InvalidNumber(Invalid, ValueError):
    """Not a telephone number that can be ordered; `reason` is the fault, `message` the way out.

    Also a ValueError, so that validators of other floors treat it as one.
    """

    def __init__(self, reason: NumberFault, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def is_e164(text: str) -> bool:
    """Exactly the shape that the database's CHECK accepts."""
    return _E164.fullmatch(text) is not None


def ten_digits(text: str) -> str:
    """The national number in any usual notation; InvalidNumber with the reason otherwise."""
    body = text.strip(" \t\r\n\u00a0")
    if not body:
        raise InvalidNumber(NumberFault.EMPTY, "Write a telephone number: (303) 555-1234.")
    if len(body) > MAX_LENGTH:
        raise InvalidNumber(
            NumberFault.WRONG_LENGTH, f"{len(body)} characters are too long for one number."
        )
    international = body.startswith("+")
    body = body.removeprefix("+")
    _refuse_strange_characters(body)
    return _national("".join(c for c in body if c not in _SEPARATORS), international=international)


def _refuse_strange_characters(body: str) -> None:
    """The first test that hits names the fault, the most telling ones first."""
    if any(unicodedata.category(c) in _INVISIBLE and c not in _SEPARATORS for c in body):
        raise InvalidNumber(
            NumberFault.CONTROL_CHARACTER,
            "The text contains an invisible character. Type the number anew instead of pasting it.",
        )
    if any(c.isdigit() and not c.isascii() for c in body):
        raise InvalidNumber(NumberFault.FOREIGN_DIGITS, "Use the plain digits 0 to 9.")
    if _has_extension(body):
        raise InvalidNumber(
            NumberFault.EXTENSION, "Write one number of ten digits, without an extension."
        )
    if any(c.isalpha() for c in body):
        raise InvalidNumber(NumberFault.LETTERS, "Write the digits instead of the letters.")
    strange = [c for c in body if c not in _SEPARATORS and not c.isdigit()]
    if strange:
        raise InvalidNumber(
            NumberFault.SYMBOL,
            f"Remove the character {strange[0]!a}: only digits and ( ) - . are read.",
        )


def _has_extension(body: str) -> bool:
    words = re.findall(r"[^\W\d_]+", body.lower())
    return bool(_EXTENSION_SIGNS.intersection(body) or _EXTENSION_WORDS.intersection(words))


def _national(digits: str, *, international: bool) -> str:
    if not digits:
        raise InvalidNumber(NumberFault.EMPTY, "The text contains no digit.")
    if international and digits[0] != "1":
        raise InvalidNumber(
            NumberFault.FOREIGN, "Only numbers of country code 1 are sold: write +1 and ten digits."
        )
    if len(digits) == 11 and digits[0] != "1":
        raise InvalidNumber(
            NumberFault.WRONG_LENGTH, "Eleven digits must begin with 1; without it write ten."
        )
    national = digits[1:] if international or len(digits) == 11 else digits
    if len(national) != 10:
        raise InvalidNumber(
            NumberFault.WRONG_LENGTH,
            f"{len(digits)} digits found; write ten with the area code, or 1 and ten.",
        )
    return national
