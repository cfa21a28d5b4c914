"""What is kept of a carrier's refusal: never a PIN or an account number, whatever it wrote.

Texts of the carrier may quote what they choked on. Where they are, or could be, about a secret,
they are dropped and our own words stand in their place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self

from numbering.carrier_words import PortErrorCode, of_carrier, what_to_do

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


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that would put the number right; `field` is our name of it, never a secret one."""

    field: str
    value: str
    description: str


@dataclass(frozen=True, slots=True)
class NumberError:
    """What is wrong with one number; `fixable` means that `suggested` can be applied."""

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
        raise NotImplementedError

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote; a code of another release is UNKNOWN."""
        raise NotImplementedError


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
        raise NotImplementedError

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote; a code of another release is UNKNOWN."""
        raise NotImplementedError


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
    """The error that the carrier's raw texts describe, without its secrets."""
    raise NotImplementedError


def rejection(
    *,
    at: datetime,
    code: str | None,
    message: str | None,
    field: str | None = None,
    numbers: Iterable[str] = (),
) -> Rejection:
    """The rejection that the carrier's raw texts describe, without its secrets."""
    raise NotImplementedError
