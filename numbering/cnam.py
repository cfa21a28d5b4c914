"""Caller names: what may be stored with the carriers (research/domain.md 4.7)."""

import re

from numbering.refusals import Invalid
from numbering.telephone import NumberType

MAX_LENGTH = 15
_PLAIN = re.compile(r"[A-Za-z0-9 .,&'-]*", re.ASCII)


class InvalidCnam(Invalid):
    """The caller name cannot be stored; the message says what to change."""

    def __init__(self, message: str) -> None:
        super().__init__(message, path=("cnam",))


def check_cnam(text: str, number_type: NumberType) -> None:
    """InvalidCnam unless carriers would store the name for a number of this type."""
    for broken, message in (
        (number_type is NumberType.TOLL_FREE, "Toll-free numbers carry no caller name."),
        (len(text) > MAX_LENGTH, f"A caller name has at most {MAX_LENGTH} characters."),
        (text.startswith(" "), "A caller name does not begin with a blank."),
        (
            not _PLAIN.fullmatch(text),
            "Use plain letters, digits, blanks and . , & ' - in a caller name.",
        ),
        (not any(c.isalpha() for c in text), "A caller name needs at least one letter."),
        # Displayed as a number, it would pass itself off as another line.
        (sum(c.isdigit() for c in text) >= 7, "A caller name cannot be a telephone number."),
    ):
        if broken:
            raise InvalidCnam(message)
