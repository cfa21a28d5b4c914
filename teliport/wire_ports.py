"""The carrier's answers about ports, as received: frozen and tolerant like those of `wire`.

A status is the carrier's own word in capitals, and the properties are what we read in it. Where the
carrier is with an order, and whether we know the word, is for others to say. No repr shows an
account number, or a text of the carrier's that might quote one.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Self, TypeVar

import structlog
from pydantic import BeforeValidator, Field, FiniteFloat, SecretStr

from teliport.errors import Malformed
from teliport.judge import Payload
from teliport.wire import Instant, Lenient, Number, Wire

log = structlog.get_logger(__name__)
R = TypeVar("R", bound=Wire)
UNKNOWN = "UNKNOWN"
_CANCELLED = "CANCELLED"


def _word(value: object) -> str:
    return value.strip().upper() if isinstance(value, str) and value.strip() else UNKNOWN


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> object:
    # pydantic's own way from a number to a text stops before a SecretStr.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _readable(kind: type[R], entries: list[object]) -> Iterator[R]:
    for entry in entries:
        try:
            yield kind.read(entry)
        except Malformed as fault:
            log.warning("teliport.unreadable_record", error=fault.message)


def _numbers(value: object) -> object:
    if not isinstance(value, list):
        return value
    return tuple(each.number for each in _readable(_Listed, [{"tn": tn} for tn in value]))


Word = Annotated[str, BeforeValidator(_word)]
Secret = Annotated[SecretStr, BeforeValidator(_text)]
Numbers = Annotated[tuple[Number, ...], BeforeValidator(_numbers)]


class _Listed(Wire):
    number: Number = Field(alias="tn")


class PortStats(Wire):
    """How many numbers of a project the carrier has in which state."""

    total: Lenient[int] = None
    pending: Lenient[int] = None
    valid: Lenient[int] = None
    invalid: Lenient[int] = None
    submitted: Lenient[int] = None
    active: Lenient[int] = None
    failed: Lenient[int] = None


class PortRejectionRecord(Wire):
    """Why the losing carrier said no; `tns` is empty where it meant all of them."""

    code: Lenient[str] = None
    message: Lenient[str] = Field(default=None, repr=False)
    field: Lenient[str] = None
    tns: Annotated[Numbers, BeforeValidator(_list)] = ()
    at: Lenient[Instant] = None


class PortRecord(Wire):
    """A port project as the carrier has it; `status` is UNKNOWN where it sent none."""

    id: str = Field(min_length=1)
    name: Lenient[str] = None
    status: Word = UNKNOWN
    description: Lenient[str] = None
    lsr_id: Lenient[str] = None
    foc_date: Lenient[date] = None
    requested_foc_date: Lenient[date] = None
    losing_carrier: Lenient[str] = None
    stats: Lenient[PortStats] = None
    rejection: Lenient[PortRejectionRecord] = None
    created_at: Lenient[Instant] = None
    updated_at: Lenient[Instant] = None
    activated_at: Lenient[Instant] = None

    @property
    def cancelled(self) -> bool:
        """Whether the carrier has called it off."""
        return self.status == _CANCELLED


class PortPage(Wire):
    """A page of projects; `page` counts from 0. Entries that are no project are left out."""

    projects: tuple[PortRecord, ...] = ()
    total: int = Field(alias="totalElements")
    pages: int = Field(alias="totalPages")
    page: int

    @classmethod
    def of(cls, payload: Payload) -> Self:
        """Return the page, leaving out what cannot be read; raises Malformed."""
        return cls.read({**payload, "projects": _content(cls, payload, PortRecord)})


class ProgressRecord(Wire):
    """How far a validation is; `rate` is numbers a second, as the carrier reckons it."""

    job_id: Lenient[str] = None
    status: Word = UNKNOWN
    total: Lenient[int] = Field(default=None, alias="totalTns")
    validated: Lenient[int] = None
    errors: Lenient[int] = None
    rate: Lenient[FiniteFloat] = Field(default=None, alias="validationRate")
    updated_at: Lenient[Instant] = None

    @property
    def running(self) -> bool:
        """Whether the carrier is still checking."""
        return self.status == "VALIDATING"


class PortRowError(Wire):
    """What is wrong with a number, in the carrier's words; they may quote a secret."""

    code: Lenient[str] = None
    error: Lenient[str] = Field(default=None, repr=False)
    field: Lenient[str] = None
    expected: Lenient[str] = Field(default=None, repr=False)
    got: Lenient[str] = Field(default=None, repr=False)
    fixable: Lenient[bool] = None
    suggested_fix: Lenient[str] = Field(default=None, repr=False)


def _errors(value: object) -> tuple[PortRowError, ...]:
    return tuple(_readable(PortRowError, _list(value)))


class PortRow(Wire):
    """A number of a project as the carrier has it; the PIN itself is never sent back."""

    number: Number = Field(alias="telephoneNumber")
    lsp_name: Lenient[str] = None
    lsp_spid: Lenient[str] = None
    btn: Lenient[str] = None
    account_number: Lenient[Secret] = None
    pin_set: Lenient[bool] = None
    status: Word = UNKNOWN
    errors: Annotated[tuple[PortRowError, ...], BeforeValidator(_errors)] = ()
    activated_at: Lenient[Instant] = None

    @property
    def valid(self) -> bool:
        """Whether its check found nothing wrong."""
        return self.status == "VALID"

    @property
    def invalid(self) -> bool:
        """Whether its check found something wrong; `errors` say what."""
        return self.status == "INVALID"

    @property
    def active(self) -> bool:
        """Whether it has come over to us."""
        return self.status == "ACTIVE"

    @property
    def failed(self) -> bool:
        """Whether its activation went wrong; `errors` say how."""
        return self.status == "FAILED"


class PortRowPage(Wire):
    """A page of numbers; `page` counts from 0. Entries that are no number are left out."""

    rows: tuple[PortRow, ...] = ()
    total: int = Field(alias="totalElements")
    pages: int = Field(alias="totalPages")
    page: int

    @classmethod
    def of(cls, payload: Payload) -> Self:
        """Return the page, leaving out what cannot be read; raises Malformed."""
        return cls.read({**payload, "rows": _content(cls, payload, PortRow)})


class Submitted(Wire):
    """The answer to a submission; a later one has another `lsr_id`."""

    status: Word = UNKNOWN
    lsr_id: Lenient[str] = None


class ActivationFailure(Wire):
    """A number that was not activated, and why in the carrier's words."""

    number: Number = Field(alias="tn")
    error: Lenient[str] = Field(default=None, repr=False)


def _failures(value: object) -> tuple[ActivationFailure, ...]:
    return tuple(_readable(ActivationFailure, _list(value)))


class Activated(Wire):
    """What became of an activation, number by number."""

    activated: Numbers
    failed: Annotated[tuple[ActivationFailure, ...], BeforeValidator(_failures)] = ()


class Removed(Wire):
    """The numbers that were taken out of a project."""

    removed: Numbers


class Started(Wire):
    """A job that the carrier has begun."""

    job_id: str = Field(min_length=1)


class Cancelled(Wire):
    """The answer to a cancellation."""

    status: Annotated[str, BeforeValidator(_word)]

    @property
    def cancelled(self) -> bool:
        """Whether it is done, and not only taken note of."""
        return self.status == _CANCELLED


def _content(page: type[Wire], payload: Payload, kind: type[R]) -> tuple[R, ...]:
    content: Any = payload.get("content")
    if not isinstance(content, list):
        raise Malformed(f"unreadable {page.__name__} (content)")
    return tuple(_readable(kind, content))
