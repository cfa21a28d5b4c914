"""Refusals survive storage, say the way out and can be pointed into the input."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering import refusals
from numbering.place import Place
from numbering.refusals import (
    BY_CODE,
    Alternative,
    CarrierUnavailable,
    Conflict,
    FileRefused,
    FocDateNotAllowed,
    HeldByOther,
    HoldExpired,
    Invalid,
    KeyReused,
    LimitExceeded,
    LoaRequired,
    NotFound,
    NotPortable,
    NumberUnavailable,
    PriceChanged,
    RateLimited,
    Refusal,
    RefusalCode,
    WrongState,
)
from tests.numbering import strategies

messages = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=60)
paths = st.lists(st.sampled_from(["numbers", "0", "7", "changes", "cnam"]), max_size=3).map(tuple)
seconds = st.none() | st.floats(0, 300) | st.integers(1, 300)
texts = st.none() | st.text(max_size=10)
places = st.builds(
    Place,
    npa=st.just("303"),
    nxx=st.just("555"),
    locality=texts,
    state=texts,
    lata=st.none() | st.integers(100, 999),
    rate_center=texts,
    time_zone=texts,
)
alternatives = st.lists(st.builds(Alternative, number=strategies.numbers, place=places), max_size=3)

some_refusal = st.one_of(
    st.builds(Invalid, messages, path=paths),
    st.builds(NotFound, st.sampled_from(["did", "hold"]), path=paths),
    st.builds(NumberUnavailable, strategies.numbers, alternatives, path=paths),
    st.builds(NumberUnavailable, strategies.numbers, message=messages),
    st.builds(HeldByOther, strategies.numbers, path=paths),
    st.builds(HoldExpired, path=paths),
    st.builds(WrongState, messages, st.lists(messages, max_size=3), path=paths),
    st.builds(LimitExceeded, st.integers(0, 10_000), path=paths),
    st.builds(KeyReused),
    st.builds(RateLimited, seconds, path=paths),
    st.builds(CarrierUnavailable, seconds, message=st.none() | messages),
    st.builds(Conflict, path=paths),
    st.builds(PriceChanged),
    st.builds(
        FocDateNotAllowed,
        st.lists(st.sampled_from(["WEEKEND", "TOO_FAR"]), max_size=2),
        st.none() | st.dates(),
        message=st.none() | messages,
        path=paths,
    ),
    st.builds(LoaRequired, path=paths),
    st.builds(FileRefused, messages, path=paths),
    st.builds(NotPortable, path=paths),
)


def facts(refusal: Refusal) -> dict[str, Any]:
    return {**vars(refusal), "args": refusal.args, "text": str(refusal)}


@given(some_refusal)
def test_storage_round_trips(refusal: Refusal) -> None:
    stored = json.loads(json.dumps(refusal.as_json()))
    read = Refusal.from_json(stored)
    assert type(read) is type(refusal)
    assert facts(read) == facts(refusal)
    assert read.as_json() == refusal.as_json() == stored


@given(some_refusal, paths)
def test_pointing_further_in_leaves_the_original(refusal: Refusal, outer: tuple[str, ...]) -> None:
    before = facts(refusal)
    moved = refusal.at(*outer)
    assert facts(refusal) == before
    assert type(moved) is type(refusal)
    assert moved.path == (*outer, *refusal.path)
    assert {**facts(moved), "path": ()} == {**before, "path": ()}


@given(some_refusal)
def test_the_text_is_the_message(refusal: Refusal) -> None:
    assert str(refusal) == refusal.message != ""


RETRYABLE = {
    RefusalCode.HELD_BY_OTHER,
    RefusalCode.RATE_LIMITED,
    RefusalCode.UPSTREAM_UNAVAILABLE,
    RefusalCode.CONFLICT,
}


@pytest.mark.parametrize(
    ("refusal", "code", "way_out"),
    [
        (Invalid("Write ten digits."), "INVALID", "Write"),
        (NotFound("reservation"), "NOT_FOUND", "Check the id"),
        (NumberUnavailable("+13035551234"), "NUMBER_UNAVAILABLE", "Choose another"),
        (HeldByOther("+13035551234"), "HELD_BY_OTHER", "Choose another"),
        (HoldExpired(), "RESERVATION_EXPIRED", "Search again"),
        (WrongState("HELD", ("ASSIGNING",)), "WRONG_STATE", "Allowed next: ASSIGNING"),
        (WrongState("DONE"), "WRONG_STATE", "it is final"),
        (LimitExceeded(50, "numbers"), "LIMIT_EXCEEDED", "At most 50 numbers"),
        (KeyReused(), "IDEMPOTENCY_KEY_REUSED", "take a new key"),
        (RateLimited(), "RATE_LIMITED", "in a moment"),
        (RateLimited(12), "RATE_LIMITED", "in 12 s"),
        (CarrierUnavailable(2.1), "UPSTREAM_UNAVAILABLE", "in 3 s"),
        (Conflict(), "CONFLICT", "try again"),
        (PriceChanged(), "PRICE_CHANGED", "send the total that you accept"),
        (
            FocDateNotAllowed(["WEEKEND"], date(2025, 11, 17)),
            "FOC_DATE_NOT_ALLOWED",
            "The earliest is 2025-11-17",
        ),
        (FocDateNotAllowed(["TOO_SOON"], None), "FOC_DATE_NOT_ALLOWED", "see focCalendar"),
        (LoaRequired(), "LOA_REQUIRED", "Upload it"),
        (FileRefused("Save it as CSV."), "FILE_REFUSED", "Save it"),
        (NotPortable(), "NOT_PORTABLE", "Remove it"),
    ],
)
def test_each_says_its_code_and_the_way_out(refusal: Refusal, code: str, way_out: str) -> None:
    assert refusal.code == code
    assert way_out in refusal.message
    assert refusal.retryable == (refusal.code in RETRYABLE)


def test_refusals_of_the_key_and_the_price_point_at_their_input() -> None:
    assert KeyReused().path == ("idempotencyKey",)
    assert PriceChanged().path == ("maxMonthlyTotal",)
    assert FocDateNotAllowed([], None).path == ("focDate",)
    assert FileRefused("No.").path == ("file",)


@pytest.mark.parametrize(
    ("given_", "kept"), [(None, None), (0, 1), (0.2, 1), (1, 1), (1.0001, 2), (59.5, 60)]
)
def test_waiting_as_told_is_never_too_short(given_: float | None, kept: int | None) -> None:
    assert RateLimited(given_).retry_after == kept


def test_every_code_has_one_class_at_most_and_none_is_forgotten() -> None:
    classes = {
        each
        for each in vars(refusals).values()
        if isinstance(each, type)
        and issubclass(each, Refusal)
        and each not in {Refusal, refusals.Wait}
    }
    assert classes == set(BY_CODE.values())
    assert all(kind.default_code is code for code, kind in BY_CODE.items())
    assert set(BY_CODE) == set(RefusalCode)


def test_the_default_of_a_bare_refusal_can_be_overridden() -> None:
    refusal = Invalid("No.", retryable=True, code=RefusalCode.FILE_REFUSED)
    assert (refusal.code, refusal.retryable) == (RefusalCode.FILE_REFUSED, True)


def test_a_code_of_another_release_is_a_fault() -> None:
    with pytest.raises(ValueError, match="TEAPOT"):
        Refusal.from_json({"code": "TEAPOT", "message": "x"})


def test_a_sparse_stored_refusal_is_readable() -> None:
    read = Refusal.from_json({"code": "INVALID", "message": "No."})
    assert (read.path, read.retryable, read.data()) == ((), False, {})
