"""What the scalars take, refuse and give."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as some
from starlette.datastructures import UploadFile

from schema import scalars
from schema.money import Money


def refused(parse: Any, value: object) -> str:
    with pytest.raises(GraphQLError) as caught:
        parse(value)
    assert caught.value.extensions == {"code": "BAD_USER_INPUT"}
    return caught.value.message


def test_a_number_is_short_text_and_judged_later() -> None:
    assert scalars.parse_e164("(303) 555-1234") == "(303) 555-1234"
    assert "is text" in refused(scalars.parse_e164, 3035551234)
    assert "at most 64" in refused(scalars.parse_e164, "3" * 65)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T15:30:00Z", datetime(2026, 11, 22, 15, 30, tzinfo=UTC)),
        ("2026-11-22t08:30:00-07:00", datetime(2026, 11, 22, 15, 30, tzinfo=UTC)),
        ("2026-11-22T15:30:00.123456z", datetime(2026, 11, 22, 15, 30, 0, 123456, tzinfo=UTC)),
        ("2026-11-22T15:30:00.123456789Z", datetime(2026, 11, 22, 15, 30, 0, 123456, tzinfo=UTC)),
    ],
)
def test_a_moment_has_an_offset(text: str, moment: datetime) -> None:
    assert scalars.parse_date_time(text) == moment


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22T15:30:00",
        "2026-11-22",
        "2026-11-22 15:30:00Z",
        "2026-11-22T15:30:00+01",
        "20261122T153000Z",
        "٢٠٢٦-11-22T15:30:00Z",
        1764000000,
        None,
    ],
)
def test_a_moment_without_an_offset_is_none(value: object) -> None:
    assert "with an offset" in refused(scalars.parse_date_time, value)


@pytest.mark.parametrize(
    "text", ["2026-02-30T00:00:00Z", "2026-01-01T24:01:00Z", "0001-01-01T00:00:00+10:00"]
)
def test_a_moment_that_never_was(text: str) -> None:
    assert "no such moment" in refused(scalars.parse_date_time, text)


@given(some.datetimes(timezones=some.just(UTC)))
def test_a_moment_comes_back_as_it_was(moment: datetime) -> None:
    text = scalars.serialize_date_time(moment)
    assert text.endswith("Z")
    if moment.year >= 1000:  # isoformat does not pad years, and numbers are younger
        assert scalars.parse_date_time(text) == moment


def test_a_day() -> None:
    assert scalars.parse_date("2026-11-22") == date(2026, 11, 22)
    assert "YYYY-MM-DD" in refused(scalars.parse_date, "22.11.2026")
    assert "YYYY-MM-DD" in refused(scalars.parse_date, 20261122)
    assert "no such day" in refused(scalars.parse_date, "2026-02-30")


@pytest.mark.parametrize(("value", "exact"), [("12.50", "12.50"), ("-1", "-1"), (12, "12")])
def test_an_amount_is_exact(value: object, exact: str) -> None:
    assert scalars.serialize_decimal(scalars.parse_decimal(value)) == exact


@pytest.mark.parametrize(
    "value",
    ["NaN", "Infinity", "1e9", "1E400000", 12.5, True, "", "1.", " 1", "1" * 16, "0.1234567"],
)
def test_what_is_no_amount(value: object) -> None:
    assert "at most 15 digits" in refused(scalars.parse_decimal, value)


def test_an_amount_never_shows_an_exponent() -> None:
    assert scalars.serialize_decimal(Decimal("1E+3")) == "1000"


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"in": value}
    return value


def test_json_is_an_object_that_can_be_kept() -> None:
    kept = {"a": [1, 2.5, None, True, {"b": "ü"}]}
    assert scalars.parse_json(kept) == kept
    assert scalars.parse_json(nested(7)) == nested(7)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([1], "is an object"),
        ("{}", "is an object"),
        (None, "is an object"),
        (nested(8), "deeper than 8"),
        ({"a": "x" * 16 * 1024}, "bytes"),
        ({"a": 2**70}, "64 bits"),
        ({"a": float("nan")}, "NaN"),
        ({"a": float("inf")}, "NaN"),
        ({"a": "\0"}, "NUL"),
        ({"a": ["\ud800"]}, "U+D800"),
        ({"\udfff": 1}, "U+DFFF"),
    ],
)
def test_json_that_cannot_be_kept(value: object, why: str) -> None:
    assert why in refused(scalars.parse_json, value)


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("1.2500", "1.25"),
        ("0.5000", "0.50"),
        ("0.0025", "0.0025"),
        ("10", "10.00"),
        ("0E-4", "0.00"),
    ],
)
def test_money_has_two_decimals_or_as_many_as_it_needs(kept: str, shown: str) -> None:
    assert scalars.serialize_decimal(Money.of(Decimal(kept), "USD").amount) == shown


def test_a_file_is_what_came_as_a_part_of_the_request() -> None:
    file = UploadFile(BytesIO(b"telephone_number"), filename="numbers.csv")
    assert scalars.parse_upload(file) is file


@pytest.mark.parametrize("value", ["numbers.csv", None, {"name": "numbers.csv"}, b"number", 1])
def test_nothing_else_is_a_file(value: object) -> None:
    assert "multipart/form-data" in refused(scalars.parse_upload, value)


def test_a_file_is_never_an_answer() -> None:
    assert "never part of an answer" in refused(scalars.serialize_upload, "x")
