"""What is kept of a carrier's refusal: never a PIN or an account number, whatever it wrote.

Texts of the carrier may quote what they choked on. Where they are, or could be, about a secret,
they are dropped and our own words stand in their place.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self

from numbering.carrier_words import PortErrorCode, of_carrier, plain, what_to_do
from numbering.telephone import InvalidNumber, TelephoneNumber

__all__ = [
    "FIELDS",
    "SECRET_FIELDS",
    "NumberError",
    "PortErrorCode",
    "Rejection",
    "Suggestion",
    "number_error",
    "of_carrier",
    "rejection",
    "what_to_do",
]

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "lspName": "losingCarrier",
        "lspSpid": "losingSpid",
        "btn": "btn",
        "accountNumber": "accountNumber",
        "pin": "pin",
    }
)
"""The carrier's names of the fields that customers fill in → ours."""

SECRET_FIELDS = frozenset({"accountNumber", "pin"})

MAX_TEXT = 500
"""Characters of a carrier's text that are kept."""

_OURS = {plain(name): ours for pair in FIELDS.items() for name, ours in (pair, (pair[1],) * 2)} | {
    "spid": "losingSpid",
    "carrier": "losingCarrier",
    "billingtelephonenumber": "btn",
    "account": "accountNumber",
    "accountno": "accountNumber",
    "passcode": "pin",
}
_FIELD_OF: Mapping[PortErrorCode, str] = {
    PortErrorCode.BTN_MISMATCH: "btn",
    PortErrorCode.WRONG_CARRIER: "losingCarrier",
    PortErrorCode.ACCOUNT_NUMBER_MISMATCH: "accountNumber",
    PortErrorCode.PIN_INVALID: "pin",
    PortErrorCode.PIN_REQUIRED: "pin",
}
_SECRET_WORDS = re.compile(
    r"(?<![a-z])pins?(?![a-z])|pin ?code|pass ?(code|word)"
    # "The account has a freeze" tells nothing; an account's number might.
    r"|acc(oun)?ts?[\W_]*(number|num|no|id|#)|acc(oun)?t\b.*[\d:\"'#]",
    re.IGNORECASE,
)
_WITH_DIGIT = re.compile(r"\S*\d\S*")
_CODE = re.compile(r"[\w./-]{1,40}( \([\w./-]{1,20}\))?", re.ASCII)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that would put the number right; `field` is our name of it, never a secret one."""

    field: str
    value: str
    description: str

    def as_json(self) -> dict[str, str]:
        """The stored form."""
        return {"field": self.field, "value": self.value, "description": self.description}


@dataclass(frozen=True, slots=True)
class NumberError:
    """What is wrong with one number; `fixable` means that `suggested` can be applied.

    `field` is our name of the field to change, `expected` and `got` are its values.
    """

    code: PortErrorCode
    carrier_code: str | None
    field: str | None
    message: str
    expected: str | None
    got: str | None
    fixable: bool
    suggested: Suggestion | None

    def as_json(self) -> dict[str, Any]:
        """The stored form; `from_json` reads it back without loss."""
        return {
            "code": self.code.value,
            "carrier_code": self.carrier_code,
            "field": self.field,
            "message": self.message,
            "expected": self.expected,
            "got": self.got,
            "fixable": self.fixable,
            "suggested": None if self.suggested is None else self.suggested.as_json(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote; a code of another release is UNKNOWN."""
        suggested = stored["suggested"]
        return cls(
            code=_known(stored["code"]),
            carrier_code=stored["carrier_code"],
            field=stored["field"],
            message=stored["message"],
            expected=stored["expected"],
            got=stored["got"],
            fixable=stored["fixable"],
            suggested=None if suggested is None else Suggestion(**suggested),
        )


@dataclass(frozen=True, slots=True)
class Rejection:
    """How an order was refused as a whole; `at` is aware, `numbers` are E.164, () for all."""

    at: datetime
    code: PortErrorCode
    carrier_code: str | None
    field: str | None
    message: str
    numbers: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The stored form; `from_json` reads it back without loss."""
        return {
            "at": self.at.isoformat(),
            "code": self.code.value,
            "carrier_code": self.carrier_code,
            "field": self.field,
            "message": self.message,
            "numbers": list(self.numbers),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote; a code of another release is UNKNOWN."""
        return cls(
            at=datetime.fromisoformat(stored["at"]),
            code=_known(stored["code"]),
            carrier_code=stored["carrier_code"],
            field=stored["field"],
            message=stored["message"],
            numbers=tuple(stored["numbers"]),
        )


def number_error(
    *,
    code: str | None,
    message: str | None,
    field: str | None = None,
    expected: str | None = None,
    got: str | None = None,
    fixable: bool = False,
    suggested_fix: str | None = None,
) -> NumberError:
    """The error that the carrier's raw texts describe, without its secrets.

    A fix is suggested only for losingCarrier, losingSpid and btn, and only as a value that can be
    written there.
    """
    ours, name = _reading(code, message, field)
    wanted = _value(name, expected) or (_value_in(name, suggested_fix) if suggested_fix else None)
    suggestion = _suggestion(name, wanted) if fixable else None
    return NumberError(
        code=ours,
        carrier_code=_code_text(code),
        field=name,
        message=_message(ours, name, message),
        expected=_value(name, expected),
        got=_value(name, got),
        fixable=suggestion is not None,
        suggested=suggestion,
    )


def rejection(
    *,
    at: datetime,
    code: str | None,
    message: str | None,
    field: str | None = None,
    numbers: Iterable[str] = (),
) -> Rejection:
    """The rejection that the carrier's raw texts describe, without its secrets."""
    ours, name = _reading(code, message, field)
    return Rejection(
        at=at,
        code=ours,
        carrier_code=_code_text(code),
        field=name,
        message=_message(ours, name, message),
        numbers=tuple(sorted(set(numbers))),
    )


def _reading(
    code: str | None, message: str | None, field: str | None
) -> tuple[PortErrorCode, str | None]:
    """Our code, and our name of the field that it is about; a secret field wins over all."""
    ours = of_carrier(code, message, field)
    by_code, named = _FIELD_OF.get(ours), _OURS.get(plain(field or ""))
    return ours, by_code if by_code in SECRET_FIELDS else named or by_code


def _known(code: str) -> PortErrorCode:
    return PortErrorCode(code) if code in PortErrorCode.__members__ else PortErrorCode.UNKNOWN


def _code_text(code: str | None) -> str | None:
    """Carriers' codes are short words; anything else might be a value in the wrong place."""
    short = _CODE.fullmatch(code or "")
    return short and short[0]


def _message(code: PortErrorCode, field: str | None, message: str | None) -> str:
    text = _clean(message)
    if field in SECRET_FIELDS or text is None or _SECRET_WORDS.search(text):
        return what_to_do(code)
    # What it is about is not known, so any number in it may be a secret.
    known = field is not None or code is not PortErrorCode.UNKNOWN
    return text if known else _WITH_DIGIT.sub("…", text)


def _clean(text: str | None) -> str | None:
    return _UNSEEN.sub(" ", text or "").strip()[:MAX_TEXT] or None


def _value(field: str | None, raw: str | None) -> str | None:
    """The raw value as it would be written into that field, or None: others are not kept."""
    text = _clean(raw)
    if text is None or field is None:
        return None
    if field == "btn":
        return _number(text)
    if field == "losingSpid":
        return text.upper() if re.fullmatch(r"[A-Za-z0-9]{4}", text) else None
    plausible = field == "losingCarrier" and len(text) <= 100 and not _SECRET_WORDS.search(text)
    return text if plausible else None


def _value_in(field: str | None, sentence: str) -> str | None:
    """The value at the end of "Update BTN to 3035551200"."""
    found = re.search(r"\bto:?\s+[\"']?(.+?)[\"']?\.?\s*$", sentence, re.IGNORECASE)
    return _value(field, found[1]) if found else None


def _number(text: str) -> str | None:
    try:
        return str(TelephoneNumber.parse(text))
    except InvalidNumber:
        return None


def _suggestion(field: str | None, value: str | None) -> Suggestion | None:
    if field is None or value is None:
        return None
    return Suggestion(field, value, f"Set {field} to {value}.")
