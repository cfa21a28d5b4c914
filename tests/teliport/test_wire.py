"""The tolerant reader: what the carrier may send without hurting anybody, and what it may not."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from numbering.lifecycle import CarrierStatus
from teliport.errors import Malformed
from teliport.wire import CarrierRecord, QueryPage, QueryVerdict, Summary

BARE = {"telephoneNumber": "3035550123"}


def read(**fields: Any) -> CarrierRecord:
    return CarrierRecord.read({**BARE, **fields})


def test_a_bare_number_is_enough() -> None:
    record = read()
    assert record.number == "+13035550123"
    assert record.status is CarrierStatus.UNKNOWN
    assert record.metadata == {}
    assert (record.place.npa, record.place.nxx, record.place.state) == ("303", "555", None)


@pytest.mark.parametrize("number", ["3035550123", 3035550123, "+13035550123"])
def test_a_number_may_be_written_differently(number: object) -> None:
    assert read(telephoneNumber=number).number == "+13035550123"


@pytest.mark.parametrize("number", ["303555012", "30355501234", "call me", "", None, {}, [], True])
def test_what_is_no_number_is_malformed(number: object) -> None:
    with pytest.raises(Malformed, match="telephoneNumber"):
        read(telephoneNumber=number)


@pytest.mark.parametrize("payload", [None, [], "x", 3])
def test_what_is_no_object_is_malformed(payload: object) -> None:
    with pytest.raises(Malformed, match="CarrierRecord"):
        CarrierRecord.read(payload)


@pytest.mark.parametrize(("sent", "lata"), [(656, 656), ("656", 656), ("6a", None), (None, None)])
def test_a_lata_is_a_number_or_a_text(sent: object, lata: int | None) -> None:
    assert read(lata=sent).lata == lata


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("IN_USE", CarrierStatus.IN_USE),
        ("in_use", CarrierStatus.IN_USE),
        ("ON_HOLIDAY", CarrierStatus.UNKNOWN),
        (None, CarrierStatus.UNKNOWN),
        (7, CarrierStatus.UNKNOWN),
    ],
)
def test_a_status_may_be_unknown(sent: object, status: CarrierStatus) -> None:
    assert read(status=sent).status is status


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T12:00:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        # Without a zone, as Java's LocalDateTime: taken as UTC.
        ("2026-03-01T10:00:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("tomorrow", None),
        (None, None),
    ],
)
def test_times_are_aware_or_absent(sent: object, moment: datetime | None) -> None:
    assert read(reservedUntil=sent).reserved_until == moment


def test_odd_optional_fields_are_left_out() -> None:
    record = read(applicationMetadata="none", reservedBy={"a": 1}, spid=5670, brandNew=[1, 2])
    assert (record.metadata, record.reserved_by, record.spid) == ({}, None, "5670")


def test_a_record_does_not_change() -> None:
    with pytest.raises(ValidationError):
        read().lata = 1  # type: ignore[misc]


@given(
    st.dictionaries(
        st.sampled_from(
            [field.alias or name for name, field in CarrierRecord.model_fields.items()]
        ).filter(lambda name: name != "telephoneNumber"),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=4,
        ),
    )
)
def test_no_field_can_take_the_number_away(fields: dict[str, Any]) -> None:
    assert read(**fields).number == "+13035550123"


class TestPage:
    GOOD: ClassVar[dict[str, Any]] = {"totalElements": 3, "totalPages": 1, "page": 0}

    def test_unreadable_entries_are_left_out(self) -> None:
        page = QueryPage.of({**self.GOOD, "content": [BARE, {"telephoneNumber": "911"}, None]})
        assert [record.number for record in page.records] == ["+13035550123"]
        assert page.total == 3

    @pytest.mark.parametrize(
        "payload", [{}, {**GOOD, "content": None}, {**GOOD, "content": [], "totalElements": "?"}]
    )
    def test_a_page_without_content_or_counts_is_malformed(self, payload: dict[str, Any]) -> None:
        with pytest.raises(Malformed, match="QueryPage"):
            QueryPage.of(payload)


def test_verdict_and_summary() -> None:
    assert QueryVerdict.read({"valid": True, "parsedQuery": "x", "more": 1}).parsed_query == "x"
    with pytest.raises(Malformed):
        QueryVerdict.read({})
    assert Summary.read({"spid": "567G", "totalNumbers": 5, "inUseCount": 2}).in_use_count == 2
