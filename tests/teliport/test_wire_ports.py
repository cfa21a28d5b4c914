"""The tolerant reader of ports: nothing odd raises, nothing secret shows."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from teliport.errors import Malformed
from teliport.wire_ports import (
    Activated,
    Cancelled,
    PortPage,
    PortRecord,
    PortRejectionRecord,
    PortRow,
    PortRowPage,
    ProgressRecord,
    Removed,
    Started,
    Submitted,
)

ROW = {"telephoneNumber": "3035550123"}
CANARY = "ACCT-99-CANARY"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


def names_of(kind: Any, *but: str) -> Any:
    fields = [field.alias or name for name, field in kind.model_fields.items()]
    return st.dictionaries(st.sampled_from([each for each in fields if each not in but]), ANYTHING)


def row(**fields: Any) -> PortRow:
    return PortRow.read({**ROW, **fields})


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("FOC_ASSIGNED", "FOC_ASSIGNED"),
        (" foc_assigned ", "FOC_ASSIGNED"),
        ("ON_HOLIDAY", "ON_HOLIDAY"),
        ("", "UNKNOWN"),
        (None, "UNKNOWN"),
        (7, "UNKNOWN"),
        ([], "UNKNOWN"),
    ],
)
def test_any_status_is_read_and_none_is_judged(sent: object, status: str) -> None:
    assert PortRecord.read({"id": "p", "status": sent}).status == status
    assert row(status=sent).status == status


def test_a_bare_project_is_enough() -> None:
    record = PortRecord.read({"id": 17})
    assert (record.id, record.status, record.stats, record.rejection) == (
        "17",
        "UNKNOWN",
        None,
        None,
    )


@pytest.mark.parametrize("payload", [{}, {"id": ""}, {"id": None}, {"id": {}}, [], None, "x"])
def test_a_project_without_an_id_is_malformed(payload: object) -> None:
    with pytest.raises(Malformed, match="PortRecord"):
        PortRecord.read(payload)


def test_a_whole_project() -> None:
    record = PortRecord.read(
        {
            "id": "p-1",
            "status": "REJECTED",
            "lsrId": "LSR-2",
            "focDate": "2026-12-01",
            "requestedFocDate": "soon",
            "stats": {"total": "3", "valid": 2, "invalid": "many"},
            "rejection": {
                "code": "8A",
                "message": CANARY,
                "tns": ["3035550123", "911", 4],
                "at": 0,
            },
            "createdAt": "2026-11-22T10:00:00",
            "invented": [1],
        }
    )
    assert (record.lsr_id, record.foc_date) == ("LSR-2", date(2026, 12, 1))
    assert record.requested_foc_date is None
    assert record.created_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert record.stats
    assert (record.stats.total, record.stats.valid, record.stats.invalid) == (3, 2, None)
    assert record.rejection
    assert (record.rejection.code, record.rejection.tns) == ("8A", ("+13035550123",))
    assert record.rejection.message == CANARY
    assert CANARY not in repr(record)


@pytest.mark.parametrize("tns", [None, "3035550123", 5, {}])
def test_a_rejection_of_no_readable_numbers_is_of_all(tns: object) -> None:
    assert PortRejectionRecord.read({"tns": tns}).tns == ()


@given(names_of(PortRecord, "id"))
def test_no_field_can_take_a_project_away(fields: dict[str, Any]) -> None:
    assert PortRecord.read({**fields, "id": "p"}).id == "p"


@given(names_of(PortRow, "telephoneNumber"))
def test_no_field_can_take_a_number_away(fields: dict[str, Any]) -> None:
    assert row(**fields).number == "+13035550123"


@given(names_of(ProgressRecord))
def test_any_progress_is_read(fields: dict[str, Any]) -> None:
    assert ProgressRecord.read(fields).status


def test_progress() -> None:
    read = ProgressRecord.read(
        {
            "jobId": "j",
            "status": "validating",
            "totalTns": 500,
            "validated": 20,
            "errors": 1,
            "validationRate": 4.8,
            "updatedAt": "2026-11-22T10:00:00Z",
        }
    )
    assert (read.job_id, read.status, read.total, read.validated) == ("j", "VALIDATING", 500, 20)
    assert (read.errors, read.rate) == (1, 4.8)
    assert ProgressRecord.read({"validationRate": float("nan")}).rate is None


@pytest.mark.parametrize(
    ("sent", "read"), [(CANARY, CANARY), (998877, "998877"), (True, None), ({}, None), (None, None)]
)
def test_an_account_number_is_read_and_never_shown(sent: object, read: str | None) -> None:
    account = row(accountNumber=sent).account_number
    assert account == (None if read is None else SecretStr(read))
    for shown in (repr(row(accountNumber=sent)), str(row(accountNumber=sent))):
        assert read is None or read not in shown


def test_what_the_carrier_says_of_a_number_is_read_and_never_shown() -> None:
    said = {
        "code": 7_003,
        "error": f"account {CANARY} does not match",
        "field": "accountNumber",
        "expected": f"{CANARY}-1",
        "got": CANARY,
        "fixable": True,
        "suggestedFix": f"{CANARY}-1",
    }
    read = row(errors=[said, "odd", None])
    (error,) = read.errors
    assert (error.code, error.field, error.fixable) == ("7003", "accountNumber", True)
    assert (error.got, error.suggested_fix) == (CANARY, f"{CANARY}-1")
    assert CANARY not in repr(read)
    assert row(errors="none").errors == ()


def test_no_unreadable_value_is_quoted() -> None:
    with pytest.raises(Malformed) as caught:
        PortRow.read({"telephoneNumber": CANARY, "accountNumber": CANARY})
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_row_does_not_change() -> None:
    with pytest.raises(ValidationError):
        row().status = "VALID"  # type: ignore[misc]


class TestPages:
    COUNTS: ClassVar[dict[str, Any]] = {"totalElements": 3, "totalPages": 1, "page": 0}

    def test_unreadable_entries_are_left_out(self) -> None:
        rows = PortRowPage.of({**self.COUNTS, "content": [ROW, {"telephoneNumber": "911"}, None]})
        assert ([each.number for each in rows.rows], rows.total) == (["+13035550123"], 3)
        projects = PortPage.of({**self.COUNTS, "content": [{"id": "p"}, {}, 5]})
        assert ([each.id for each in projects.projects], projects.pages) == (["p"], 1)

    @pytest.mark.parametrize("page", [PortPage, PortRowPage])
    @pytest.mark.parametrize(
        "payload", [{}, {**COUNTS, "content": None}, {"content": [], "totalElements": "?"}]
    )
    def test_a_page_without_content_or_counts_is_malformed(
        self, page: type[PortPage | PortRowPage], payload: dict[str, Any]
    ) -> None:
        with pytest.raises(Malformed, match=page.__name__):
            page.of(payload)


def test_what_became_of_an_activation() -> None:
    read = Activated.read(
        {"activated": ["3035550123", "x"], "failed": [{"tn": "3035550124", "error": "E"}, 5]}
    )
    assert read.activated == ("+13035550123",)
    assert [(each.number, each.error) for each in read.failed] == [("+13035550124", "E")]
    assert Activated.read({"activated": [], "failed": None}).failed == ()


@pytest.mark.parametrize("activated", [None, "all", 5, {}])
def test_an_activation_must_say_what_it_did(activated: object) -> None:
    with pytest.raises(Malformed, match="Activated"):
        Activated.read({"activated": activated})


def test_small_answers() -> None:
    assert Submitted.read({"status": "SUBMITTED", "lsrId": 5}).lsr_id == "5"
    assert Removed.read({"removed": ["3035550123"]}).removed == ("+13035550123",)
    assert Cancelled.read({"status": "cancelled"}).status == "CANCELLED"
    assert Started.read({"jobId": 9}).job_id == "9"
    for kind in (Removed, Cancelled, Started):
        with pytest.raises(Malformed, match=kind.__name__):
            kind.read({})
