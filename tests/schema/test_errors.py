"""Every refusal has its public form, and none loses what it knows."""

from datetime import date
from typing import Any

import pytest

from numbering import refusals
from numbering.foc import FocReason
from numbering.refusals import Refusal, RefusalCode
from schema import errors
from schema.errors import stored_error, user_error

NUMBER = "+13035550200"
SAMPLES: list[tuple[Refusal, type[errors.UserError], dict[str, Any]]] = [
    (refusals.Invalid("no"), errors.GenericError, {}),
    (refusals.NotFound("did"), errors.GenericError, {}),
    (
        refusals.NumberUnavailable("+13035550200"),
        errors.NumberUnavailableError,
        {"number": "+13035550200"},
    ),
    (
        refusals.HeldByOther("+13035550200"),
        errors.NumberUnavailableError,
        {"number": "+13035550200"},
    ),
    (refusals.HoldExpired(), errors.GenericError, {}),
    (
        refusals.WrongState("HELD", ["ASSIGNING"]),
        errors.WrongStateError,
        {"state": "HELD", "allowed_next": ["ASSIGNING"]},
    ),
    (refusals.LimitExceeded(50), errors.LimitError, {"limit": 50}),
    (refusals.KeyReused(), errors.GenericError, {}),
    (refusals.RateLimited(3), errors.UpstreamError, {"retry_after_seconds": 3}),
    (refusals.CarrierUnavailable(), errors.UpstreamError, {"retry_after_seconds": None}),
    (refusals.Conflict(), errors.GenericError, {}),
    (refusals.PriceChanged(), errors.GenericError, {}),
    (refusals.LoaRequired(), errors.GenericError, {}),
    (refusals.FileRefused("It is no sheet."), errors.GenericError, {}),
    (refusals.NotPortable(), errors.GenericError, {}),
    (
        refusals.FocDateNotAllowed(["WEEKEND"], date(2026, 12, 7)),
        errors.FocDateError,
        {"reasons": [FocReason.WEEKEND], "earliest": date(2026, 12, 7)},
    ),
    (
        refusals.FocDateNotAllowed(["TOO_FAR", "HOLIDAY"], None),
        errors.FocDateError,
        {"reasons": [FocReason.TOO_FAR, FocReason.HOLIDAY], "earliest": None},
    ),
]


@pytest.mark.parametrize(("refusal", "kind", "extra"), SAMPLES)
def test_a_refusal_and_its_stored_form_look_the_same(
    refusal: Refusal, kind: type[errors.UserError], extra: dict[str, Any]
) -> None:
    refusal = refusal.at("numbers", "2")
    for shown in (user_error(refusal), stored_error(refusal.as_json())):
        assert type(shown) is kind
        assert isinstance(shown, errors.UserError)
        assert (shown.code, shown.message) == (refusal.code, refusal.message)
        assert shown.path[:2] == ["numbers", "2"]
        assert shown.retryable == refusal.retryable
        assert {name: getattr(shown, name) for name in extra} == extra


def test_every_code_that_carries_data_has_a_sample() -> None:
    assert {refusal.code for refusal, _, _ in SAMPLES} == set(refusals.BY_CODE)
    assert set(refusals.BY_CODE) <= set(RefusalCode)


def test_nothing_stored_is_no_error() -> None:
    assert stored_error(None) is None
