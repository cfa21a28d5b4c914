"""The scalars of the contract: strict doors in, one spelling out.

Every parser raises GraphQLError, because Strawberry would otherwise hold a client's typo for a
fault of ours. `SCALARS` goes into `StrawberryConfig(scalar_map=…)`.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType

import orjson
import strawberry
from graphql import GraphQLError
from starlette.datastructures import UploadFile
from strawberry.types.scalar import ScalarDefinition

from schema.text import fault_of_text

# A number as written by a client. Lists of numbers never fail whole, so the scalar only asks for
# short clean text; whoever takes a single number parses it, workflows refuse list items one by one.
E164 = NewType("E164", str)
JSONObject = NewType("JSONObject", dict[str, Any])
Upload = NewType("Upload", UploadFile)

MAX_NUMBER_TEXT = 64
MAX_JSON_BYTES = 16 * 1024
MAX_JSON_DEPTH = 8

_DATE_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,15}(\.\d{1,6})?", re.ASCII)


def _bad(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def parse_e164(value: object) -> E164:
    """Short clean text; what it means is decided by numbering.telephone."""
    if not isinstance(value, str):
        raise _bad('A telephone number is text, for example "+13035551234" or "(303) 555-1234".')
    if len(value) > MAX_NUMBER_TEXT:
        raise _bad(f"A telephone number has at most {MAX_NUMBER_TEXT} characters.")
    return E164(value)


def parse_date_time(value: object) -> datetime:
    """An instant; without an offset nobody knows which."""
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value):
        raise _bad(
            "A DateTime is RFC 3339 text with an offset, for example "
            '"2026-11-22T15:30:00Z" or "2026-11-22T08:30:00-07:00".'
        )
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _bad(f"There is no such moment as {value}.") from None


def serialize_date_time(value: datetime) -> str:
    """UTC with Z and microseconds when there are any: nothing is lost on the way back."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_date(value: object) -> date:
    """A calendar day."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise _bad('A Date is written "YYYY-MM-DD", for example "2026-11-22".')
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _bad(f"There is no such day as {value}.") from None


def parse_decimal(value: object) -> Decimal:
    """An exact amount. Floats are refused: 0.1 is not what anybody meant."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise _bad(
            'A Decimal is text with at most 15 digits and 6 decimals, for example "12.50"; '
            "no exponent, no NaN, no Infinity, no floating-point number."
        )
    return Decimal(value)


def serialize_decimal(value: Decimal) -> str:
    """Plain notation, never an exponent."""
    return format(value, "f")


def parse_json(value: object) -> JSONObject:
    """An object of at most 16 kB and 8 levels, in text that PostgreSQL can keep."""
    if not isinstance(value, Mapping):
        raise _bad('JSON is an object here, for example {"costCentre": "4711"}.')
    _check_json(value, MAX_JSON_DEPTH)
    try:
        size = len(orjson.dumps(value))
    except TypeError:
        raise _bad("This JSON holds an integer beyond 64 bits; send it as text.") from None
    if size > MAX_JSON_BYTES:
        raise _bad(f"This JSON has {size} bytes; at most {MAX_JSON_BYTES} are kept.")
    return JSONObject(dict(value))


def _check_json(value: object, levels: int) -> None:
    if isinstance(value, str) and (fault := fault_of_text(value)):
        raise _bad(f"This JSON holds {fault}; send the text without it.")
    if isinstance(value, float) and not abs(value) < float("inf"):
        raise _bad("This JSON holds NaN or Infinity, which JSON does not know.")
    if isinstance(value, Mapping | list):
        if levels == 0:
            raise _bad(f"This JSON is nested deeper than {MAX_JSON_DEPTH} levels.")
        children = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value
        for child in children:
            _check_json(child, levels - 1)


def parse_upload(value: object) -> Upload:
    """A file of the request; text that claims to be one is none."""
    if not isinstance(value, UploadFile):
        raise _bad("A file comes as multipart/form-data: the variable is null, `map` names it.")
    return Upload(value)


def serialize_upload(value: object) -> None:
    """Files only come in."""
    raise _bad("A file is never part of an answer.")


SCALARS: dict[object, ScalarDefinition] = {
    E164: strawberry.scalar(
        name="E164",
        specified_by_url="https://www.itu.int/rec/T-REC-E.164",
        description=(
            "A North American telephone number. Out: always `+13035551234`. In: also `3035551234`, "
            "`13035551234`, `(303) 555-1234`, dots, dashes, spaces; no letters or extensions."
        ),
        serialize=str,
        parse_value=parse_e164,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        description=(
            "A moment, RFC 3339. The offset is required: `2026-11-22T08:30:00-07:00`. "
            "Out: always UTC, `2026-11-22T15:30:00Z`, up to microseconds."
        ),
        serialize=serialize_date_time,
        parse_value=parse_date_time,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day without a time of day or a zone: `2026-11-22`.",
        serialize=date.isoformat,
        parse_value=parse_date,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description=(
            'An exact decimal number. Out: text such as `"1.25"`. In: text or an integer, at most '
            "15 digits and 6 decimals; no exponent, no NaN, no Infinity, no floating-point number."
        ),
        serialize=serialize_decimal,
        parse_value=parse_decimal,
    ),
    JSONObject: strawberry.scalar(
        name="JSON",
        description="A JSON object, never a list or a bare value: at most 16 kB and 8 levels.",
        serialize=dict,
        parse_value=parse_json,
    ),
    Upload: strawberry.scalar(
        name="Upload",
        specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
        description=(
            "A file, sent after the GraphQL multipart request specification with a header such as "
            "`x-csrf: 1`. It only comes in, as a variable."
        ),
        serialize=serialize_upload,
        parse_value=parse_upload,
    ),
}
