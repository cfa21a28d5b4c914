"""The carrier's answers, as received: frozen, camelCase on the wire, tolerant.

Unknown fields and enum values never raise, a missing optional field is None, and an optional field
with an unreadable value is None too: one odd field must not take a page of numbers away. Only what
makes an answer an answer (the number itself) is required.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self, TypeVar

import structlog
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.alias_generators import to_camel

from numbering.lifecycle import CarrierStatus
from numbering.place import Place
from numbering.telephone import TelephoneNumber
from teliport.errors import Malformed
from teliport.judge import Payload

log = structlog.get_logger(__name__)
T = TypeVar("T")


def _or_none(value: object, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


def _number(value: object) -> TelephoneNumber:
    # Ten digits by contract; E.164 is taken as well, in case the carrier ever changes its mind.
    return TelephoneNumber.from_national(str(value).removeprefix("+1"))


def _mapping(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Lenient = Annotated[T | None, WrapValidator(_or_none)]
Number = Annotated[TelephoneNumber, PlainValidator(_number)]
Status = Annotated[CarrierStatus, PlainValidator(CarrierStatus.from_wire)]
Metadata = Annotated[Mapping[str, Any], BeforeValidator(_mapping)]
Instant = Annotated[datetime, AfterValidator(_aware)]


class Wire(BaseModel):
    """What all answers share: how they are read and that they do not change."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        coerce_numbers_to_str=True,
    )

    @classmethod
    def read(cls, payload: object) -> Self:
        """Return the payload as this; raises Malformed if it is something else."""
        try:
            return cls.model_validate(payload)
        except ValidationError as fault:
            # Where, not what: values of the carrier stay out of logs.
            where = ", ".join(".".join(map(str, e["loc"])) for e in fault.errors()[:3])
            raise Malformed(f"unreadable {cls.__name__} ({where or 'not an object'})") from None


class CarrierRecord(Wire):
    """A number as the carrier has it. Times are aware; `metadata` is its `applicationMetadata`."""

    number: Number = Field(alias="telephoneNumber")
    status: Status = CarrierStatus.UNKNOWN
    lifecycle_state: Lenient[str] = None
    spid: Lenient[str] = None
    current_owner_spid: Lenient[str] = None
    ocn: Lenient[str] = Field(default=None, alias="currentOcn")
    ocn_name: Lenient[str] = None
    lrn: Lenient[str] = Field(default=None, alias="currentLrn")
    lata: Lenient[int] = None
    lata_name: Lenient[str] = None
    state: Lenient[str] = None
    locality: Lenient[str] = None
    # Not in the contract's list of fields, yet the query language can ask for it: taken if sent.
    rate_center: Lenient[str] = None
    time_zone: Lenient[str] = None
    port_direction: Lenient[str] = None
    original_spid: Lenient[str] = None
    last_port_date: Lenient[Instant] = None
    application_id: Lenient[str] = None
    metadata: Metadata = Field(default_factory=dict, alias="applicationMetadata")
    reserved_by: Lenient[str] = None
    reserved_until: Lenient[Instant] = None
    first_assigned_at: Lenient[Instant] = None
    last_assigned_at: Lenient[Instant] = None
    times_assigned: Lenient[int] = None
    created_at: Lenient[Instant] = None
    updated_at: Lenient[Instant] = None

    @property
    def ported_in(self) -> bool:
        """Whether the number came from another carrier; an unknown direction is no."""
        return (self.port_direction or "").upper() == "IN"

    @property
    def place(self) -> Place:
        """Where the number lives; the codes are read from the number itself."""
        return Place(
            npa=self.number.npa,
            nxx=self.number.nxx,
            locality=self.locality,
            state=self.state,
            lata=self.lata,
            rate_center=self.rate_center,
            time_zone=self.time_zone,
        )


class QueryPage(Wire):
    """A page of a query; `page` counts from 0. Entries that are no number are left out."""

    records: tuple[CarrierRecord, ...] = ()
    total: int = Field(alias="totalElements")
    pages: int = Field(alias="totalPages")
    page: int
    parsed_query: Lenient[str] = None

    @classmethod
    def of(cls, payload: Payload) -> Self:
        """Return the page, leaving out what cannot be read; raises Malformed."""
        content = payload.get("content")
        if not isinstance(content, list):
            raise Malformed("unreadable QueryPage (content)")
        return cls.read({**payload, "records": tuple(_readable(content))})


def _readable(content: list[object]) -> Iterator[CarrierRecord]:
    for entry in content:
        try:
            yield CarrierRecord.read(entry)
        except Malformed as fault:
            log.warning("teliport.unreadable_record", error=fault.message)


class QueryVerdict(Wire):
    """What the carrier thinks of a query; `position` and `valid_options` say what to change."""

    valid: bool
    parsed_query: Lenient[str] = None
    message: Lenient[str] = None
    position: Lenient[int] = None
    valid_options: tuple[str, ...] = ()


class Summary(Wire):
    """How many numbers of a SPID are in which status."""

    spid: str
    total_numbers: int
    available_count: int = 0
    reserved_count: int = 0
    in_use_count: int = 0
    ported_out_count: int = 0
    ported_in_count: int = 0
    quarantine_count: int = 0
    total_blocks: int = 0
