"""What a customer looks for, and the Teliport query that asks for it.

The query language is in teliport-contract.md. Everything a user writes becomes a quoted value,
never syntax, and every term stands in its own parentheses, so that precedence never matters.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from numbering.area_codes import STATES, TOLL_FREE
from numbering.refusals import Invalid
from numbering.telephone import NumberType, TelephoneNumber, area_code_fault

MAX_NPAS = 20
MAX_LATAS = 20
MAX_TEXT = 40
_CONSECUTIVE = range(2, 21)


class NumberFeature(StrEnum):
    """What a number can carry; not known upstream, see `numbering.features`."""

    VOICE = "VOICE"
    SMS = "SMS"
    MMS = "MMS"
    FAX = "FAX"


class InvalidCriteria(Invalid):
    """One filter is unusable; `field` is its name here, `path` the one of the public input."""

    def __init__(self, field: str, message: str) -> None:
        first, *rest = field.split("_")
        super().__init__(message, path=(first + "".join(word.title() for word in rest),))
        self.field = field


def quote(value: str) -> str:
    """The value between double quotes, with quotes and backslashes escaped."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _in(field: str, values: Iterable[str]) -> str:
    return f"({field} in ({','.join(quote(value) for value in values)}))"


def numbers_query(numbers: Iterable[TelephoneNumber]) -> str:
    """Ask for these very numbers, whatever their status, in one query."""
    return _in("tn", (number.national for number in numbers))


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """The filters of `InventorySearch`; all that are given must hold.

    `features` and `consecutive` cannot be asked upstream: filter fetched pages with
    `numbering.features` and `numbering.consecutive`. `check()` comes before `query()`.
    """

    npas: tuple[str, ...] = ()
    nxx: str | None = None
    state: str | None = None
    locality: str | None = None
    latas: tuple[int, ...] = ()
    rate_center: str | None = None
    type: NumberType | None = None
    starts_with: str | None = None
    contains: str | None = None
    ends_with: str | None = None
    features: tuple[NumberFeature, ...] = ()
    consecutive: int | None = None

    def query(self) -> str:
        """The Teliport query: available numbers that fit; equal searches give equal text."""
        return " and ".join(('(status = "available")', *self._terms()))

    def _terms(self) -> Iterator[str]:
        yield from self._area_code_terms()
        if self.nxx is not None:
            yield f"(nxx = {quote(self.nxx)})"
        if self.state is not None:
            yield f"(state = {quote(self.state.strip().upper())})"
        if self.locality is not None:
            # Not lata_name as well, as in the plan's example: it would answer with the whole LATA,
            # and whoever wants that has `latas`.
            yield f"(locality contains {quote(_tidy(self.locality))})"
        if self.latas:
            yield _in("lata", (str(lata) for lata in sorted(set(self.latas))))
        if self.rate_center is not None:
            yield f"(rate_center = {quote(_tidy(self.rate_center))})"
        for operator in ("starts_with", "contains", "ends_with"):
            digits = getattr(self, operator)
            if digits is not None:
                yield f"(tn {operator} {quote(digits)})"

    def _area_code_terms(self) -> Iterator[str]:
        if self.npas:
            yield _in("npa", sorted(set(self.npas)))
        elif self.type is NumberType.TOLL_FREE:
            yield _in("npa", sorted(TOLL_FREE))
        elif self.type is NumberType.LOCAL:
            yield from (f"(npa != {quote(npa)})" for npa in sorted(TOLL_FREE))

    def fingerprint(self) -> str:
        """A stable name of this search for cursors and caches: equal for equal results."""
        asked = {
            "query": self.query(),
            "features": sorted(set(self.features)),
            "consecutive": self.consecutive,
        }
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:32]

    def check(self) -> None:
        """InvalidCriteria for the first filter that could not find anything, or not be asked."""
        self._check_area_codes()
        self._check_places()
        for field in ("starts_with", "contains", "ends_with"):
            _check_digits(field, getattr(self, field))
        if self.consecutive is not None and self.consecutive not in _CONSECUTIVE:
            raise InvalidCriteria("consecutive", "Ask for runs of 2 to 20 consecutive numbers.")

    def _check_area_codes(self) -> None:
        if len(self.npas) > MAX_NPAS:
            raise InvalidCriteria("npas", f"At most {MAX_NPAS} area codes in one search.")
        for npa in self.npas:
            _check_npa(npa)
        if self.type is not None:
            wrong = [
                n for n in self.npas if (n in TOLL_FREE) != (self.type is NumberType.TOLL_FREE)
            ]
            if wrong:
                raise InvalidCriteria(
                    "npas",
                    f"{wrong[0]} has no {self.type} numbers. Leave out one of the two filters.",
                )
        if self.nxx is not None and not re.fullmatch(r"[2-9][0-9]{2}", self.nxx, re.ASCII):
            raise InvalidCriteria("nxx", "An exchange is three digits, the first 2 to 9: 555.")

    def _check_places(self) -> None:
        if self.state is not None and self.state.strip().upper() not in STATES:
            raise InvalidCriteria("state", "Write the state as its two letters: CO.")
        if len(self.latas) > MAX_LATAS:
            raise InvalidCriteria("latas", f"At most {MAX_LATAS} LATAs in one search.")
        if any(not 100 <= lata <= 999 for lata in self.latas):
            raise InvalidCriteria("latas", "A LATA is three digits: 656.")
        _check_text("locality", self.locality)
        _check_text("rate_center", self.rate_center)
        if self.rate_center is not None and self.state is None:
            raise InvalidCriteria(
                "rate_center", "Rate centres of one name exist in many states: add the state."
            )


def _tidy(text: str) -> str:
    """One spelling for searches that differ only in blanks and case: upstream ignores case."""
    return " ".join(text.split()).lower()


def _check_npa(npa: str) -> None:
    if not re.fullmatch(r"[0-9]{3}", npa, re.ASCII):
        raise InvalidCriteria("npas", "An area code is three digits: 303.")
    fault = area_code_fault(npa)
    if fault is not None:
        raise InvalidCriteria("npas", fault[1])


def _check_digits(field: str, text: str | None) -> None:
    if text is None:
        return
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII):
        raise InvalidCriteria(field, "Write 1 to 10 digits and nothing else: 303555.")
    if field == "starts_with" and text[0] in "01":
        raise InvalidCriteria(field, "Numbers begin with their area code: leave out the 1.")


def _check_text(field: str, text: str | None) -> None:
    if text is None:
        return
    if not text.strip():
        raise InvalidCriteria(field, "Write something to search for, or leave the filter out.")
    if len(text) > MAX_TEXT:
        raise InvalidCriteria(field, f"At most {MAX_TEXT} characters.")
    # No place has a backslash, and a carrier that read \\ otherwise than we do would end the value
    # at another quote than ours.
    if "\\" in text or any(unicodedata.category(c)[0] == "C" for c in text):
        raise InvalidCriteria(field, "Remove backslashes and invisible characters from the text.")
