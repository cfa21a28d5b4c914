"""Telephone numbers of the North American Numbering Plan, as this platform accepts and keeps them.

Rules: research/domain.md 4.1. libphonenumber is not enough: it passes N11 exchanges, the fictional
555-01XX range and directory assistance, all of which the carrier cannot provide.
"""

from enum import StrEnum
from typing import Self

from numbering import notation
from numbering.area_codes import FOREIGN, RESERVED_TOLL_FREE, TOLL_FREE
from numbering.notation import InvalidNumber, NumberFault

__all__ = ["InvalidNumber", "NumberFault", "NumberType", "TelephoneNumber"]


class NumberType(StrEnum):
    """Local numbers have a rate centre and a SPID, toll-free ones a RespOrg."""

    LOCAL = "LOCAL"
    TOLL_FREE = "TOLL_FREE"


class TelephoneNumber(str):
    """An E.164 number of the plan, `+1NPANXXXXXX`.

    Constructing one checks only the shape that the database checks too, so that rows and records of
    the carrier are always readable; `parse` judges what people type and applies every rule.
    """

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        """Take `+1` and ten digits as they are; InvalidNumber for any other shape."""
        if not notation.is_e164(value):
            raise InvalidNumber(NumberFault.WRONG_LENGTH, "Write +1 and ten digits: +13035551234.")
        return super().__new__(cls, value)

    @classmethod
    def from_national(cls, value: str) -> Self:
        """From the ten digits that the carrier uses; InvalidNumber if they are not."""
        return cls(f"+1{value}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a person wrote, in any usual notation; InvalidNumber says what is wrong.

        Accepts 3035551234, 13035551234, +13035551234 and punctuation: (303) 555-1234, 303.555.1234.
        """
        digits = notation.ten_digits(text)
        fault = _fault_of(digits[:3], digits[3:6], digits[6:])
        if fault is not None:
            raise InvalidNumber(*fault)
        return cls.from_national(digits)

    @property
    def npa(self) -> str:
        """The area code, three digits."""
        return self[2:5]

    @property
    def nxx(self) -> str:
        """The exchange (central office code), three digits."""
        return self[5:8]

    @property
    def line(self) -> str:
        """The last four digits."""
        return self[8:]

    @property
    def national(self) -> str:
        """The ten digits that Teliport wants."""
        return self[2:]

    @property
    def national_format(self) -> str:
        """As people write it: (303) 555-1234."""
        return f"({self.npa}) {self.nxx}-{self.line}"

    @property
    def type(self) -> NumberType:
        """By area code alone."""
        return NumberType.TOLL_FREE if self.npa in TOLL_FREE else NumberType.LOCAL


_PERSONAL = frozenset({"500", "533", "544", "566", "577", "588", "700", "710"}) | {
    f"52{n}" for n in range(1, 10)
}


def _fault_of(npa: str, nxx: str, line: str) -> tuple[NumberFault, str] | None:
    return area_code_fault(npa) or _exchange_fault(npa, nxx, line)


def area_code_fault(npa: str) -> tuple[NumberFault, str] | None:
    """Why numbers of this area code (three digits) cannot be ordered, or None."""
    if npa in TOLL_FREE:
        return None
    if npa[0] in "01":
        return NumberFault.NOT_NANP, f"An area code begins with 2 to 9, not {npa[0]}."
    if npa[1:] == "11":
        return NumberFault.N11, f"{npa} is a service code, not an area code."
    if npa in FOREIGN:
        return NumberFault.FOREIGN, f"Area code {npa} is in {FOREIGN[npa]}; only US ones are sold."
    return _special_fault(npa)


def _special_fault(npa: str) -> tuple[NumberFault, str] | None:
    if npa == "900":
        return NumberFault.PREMIUM, "900 numbers are pay-per-call and cannot be ordered."
    if npa in RESERVED_TOLL_FREE:
        return NumberFault.RESERVED, f"{npa} is kept for later toll-free use. Take 833 or 800."
    if npa in _PERSONAL:
        return NumberFault.NON_GEOGRAPHIC, f"{npa} is not a place; take a local or toll-free code."
    # Last two digits equal: "easily recognizable codes" are never geographic. N9X is kept for
    # longer numbers; 37X and 96X are set aside.
    if npa[1] == npa[2] or npa[1] == "9" or npa[:2] in {"37", "96"}:
        return NumberFault.NOT_NANP, f"{npa} is not an area code in use. Check the first digits."
    return None


def _exchange_fault(npa: str, nxx: str, line: str) -> tuple[NumberFault, str] | None:
    toll_free = npa in TOLL_FREE
    if nxx[0] in "01":
        return NumberFault.NOT_NANP, f"An exchange begins with 2 to 9, not {nxx[0]}: {npa}-{nxx}."
    # In toll-free codes only 911 is kept free; 411 and its like are ordinary exchanges there.
    if nxx == "911" or (nxx[1:] == "11" and not toll_free):
        return NumberFault.N11, f"{nxx} is a service code and cannot be an exchange."
    if nxx == "976" and not toll_free:
        return NumberFault.PREMIUM, "Exchange 976 is pay-per-call and cannot be ordered."
    if nxx == "555":
        return _fault_of_555(npa, line)
    return None


def _fault_of_555(npa: str, line: str) -> tuple[NumberFault, str] | None:
    """Exchange 555 is in ordinary use but for two places; of toll-free codes only 800 has it."""
    if line == "1212":
        return NumberFault.DIRECTORY, "555-1212 is directory assistance and cannot be ordered."
    if line.startswith("01"):
        return NumberFault.FICTIONAL, f"555-{line} is kept for fiction and cannot be ordered."
    if npa in TOLL_FREE and npa != "800":
        return NumberFault.RESERVED, f"Exchange 555 is reserved in area code {npa}."
    return None
