"""Small pure things: how faults are worded, how records are read, how durations scale."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from db.tables import Operation
from numbering.lifecycle import CarrierStatus, OperationKind
from numbering.place import Place
from numbering.refusals import Alternative, NumberUnavailable, RefusalCode
from teliport import errors
from tests.workflows.rig import Rig
from workflows import carrier, crashpoints, outcomes, saga
from workflows.saga_readings import Reading, reading
from workflows.saga_terms import (
    Answered,
    Attend,
    Barred,
    Began,
    Declined,
    Facts,
    Look,
    Marked,
    Page,
    Seen,
    Sight,
    State,
    Succeed,
    Target,
    Unseen,
    Unsent,
    Wait,
)
from workflows.timings import Timings

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TIMINGS = Timings()
IN_USE = CarrierStatus.IN_USE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.RateLimited("x", retry_after=3), RefusalCode.RATE_LIMITED),
        (errors.BudgetExhausted("x", retry_after=3), RefusalCode.RATE_LIMITED),
        (errors.BreakerOpen("x", retry_after=3), RefusalCode.UPSTREAM_UNAVAILABLE),
        (errors.QueryRejected("what?"), RefusalCode.INVALID),
        (errors.NotFound("x"), RefusalCode.NUMBER_UNAVAILABLE),
        (errors.WrongState("x"), RefusalCode.NUMBER_UNAVAILABLE),
        (errors.TokenRejected("x"), RefusalCode.UPSTREAM_UNAVAILABLE),
        (errors.TimedOut("x"), RefusalCode.UPSTREAM_UNAVAILABLE),
    ],
)
def test_errors_of_the_carrier_in_our_words(error: errors.TeliportError, code: RefusalCode) -> None:
    refusal = carrier.refusal(error, path=("numbers", "1"), number="+13035551234")
    assert (refusal.code, refusal.path) == (code, ("numbers", "1"))


def test_without_a_number_it_is_not_found() -> None:
    assert carrier.refusal(errors.NotFound("x")).code is RefusalCode.NOT_FOUND


def facts(kind: OperationKind, **more: object) -> Facts:
    """Facts of an operation of customer c."""
    return Facts(kind=kind, operation_id="op", customer_id="c", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        ({"warp_op_id": "op"}, Reading.DONE),
        ({"warp_op_id": "other", "customer_id": "c", "assigned_at": "t"}, Reading.GONE),
        ({"customer_id": "c", "assigned_at": "t"}, Reading.DONE),
        ({"customer_id": "c", "assigned_at": "u"}, Reading.GONE),
        ({}, Reading.GONE),
    ],
)
def test_an_assign_is_known_by_its_operation(metadata: dict[str, str], found: Reading) -> None:
    known = facts(OperationKind.NUMBER_ASSIGN, assigned_at="t")
    assert reading(known, Sight(IN_USE, metadata=metadata)) is found


def test_a_number_that_lost_our_key_is_still_the_customers() -> None:
    known = facts(OperationKind.NUMBER_RELEASE, did_id="d")
    assert reading(known, Sight(IN_USE, metadata={"customer_id": "c"})) is Reading.OPEN
    assert reading(known, Sight(IN_USE, metadata={"customer_id": "x"})) is Reading.DONE
    assert reading(known, Sight(IN_USE, metadata={"warp_did_id": "e"})) is Reading.DONE
    assert reading(known, None) is Reading.DONE
    stray = facts(OperationKind.NUMBER_RELEASE, target=Target.STRAY, stray_of="s")
    assert reading(stray, Sight(IN_USE, metadata={"warp_op_id": "s"})) is Reading.OPEN


def test_metadata_of_a_number_that_nobody_knows() -> None:
    push = facts(OperationKind.METADATA_PUSH, did_id="d", wanted={"a": "1"})
    assert reading(push, None) is Reading.GONE
    same = Sight(IN_USE, metadata={"warp_did_id": "d", "a": 1})
    assert reading(push, same) is Reading.DONE


def test_scaling_keeps_what_is_not_ours() -> None:
    slower, faster = TIMINGS.scaled(2), TIMINGS.scaled(0.001)
    assert (slower.quarantine, slower.hold_length, slower.attempts) == (140.0, 900.0, 8)
    assert (faster.quarantine, faster.hold_length) == (0.07, 900.0)
    assert faster.lease == 2.0
    assert TIMINGS.backoff(20, 1.0) == 300.0


# ── single steps of the saga that no story needs ─────────────────────────────────────────────────
HOLD = State(facts(OperationKind.NUMBER_HOLD, holder="us"))
RELEASE = State(facts(OperationKind.NUMBER_RELEASE, did_id="d"))


def test_a_token_refused_in_a_look_keeps_the_doubt() -> None:
    doubtful = replace(HOLD, doubt_at=NOW, prior=None)
    state, effects = saga.step(doubtful, Barred(NOW, sending=False), TIMINGS)
    assert effects == (Page(), Wait(TIMINGS.pause, doubtful=True))
    assert state.doubt_at == NOW
    state, effects = saga.step(doubtful, Barred(NOW), TIMINGS)
    assert effects == (Page(), Wait(TIMINGS.pause))
    assert state.doubt_at is None


def test_looks_that_fail_end_with_staff_after_the_deadline() -> None:
    late = replace(RELEASE, facts=replace(RELEASE.facts, deadline=NOW - timedelta(seconds=71)))
    _, effects = saga.step(late, Unseen(NOW, retry_after=9, counted=False), TIMINGS)
    assert isinstance(effects[0], Attend)
    still = replace(RELEASE, facts=replace(RELEASE.facts, deadline=NOW))
    _, effects = saga.step(still, Unseen(NOW, retry_after=9, counted=False), TIMINGS)
    assert effects == (Wait(9.0),)


def test_a_wait_ends_with_the_chance_to_send() -> None:
    ending = replace(HOLD, facts=replace(HOLD.facts, send_before=NOW + timedelta(seconds=3)))
    _, effects = saga.step(ending, Unsent(NOW, retry_after=300, counted=False), TIMINGS)
    assert effects == (Wait(3.0),)
    over = replace(HOLD, facts=replace(HOLD.facts, send_before=NOW))
    _, effects = saga.step(over, Unsent(NOW, retry_after=300, counted=False), TIMINGS)
    assert effects == (Wait(300.0),)


def test_a_refusal_that_the_record_does_not_explain_is_not_repeated_at_once() -> None:
    state, effects = saga.step(RELEASE, Declined(NOW), TIMINGS)
    assert effects == (Look(),)
    ours = Sight(IN_USE, metadata={"warp_did_id": "d"})
    state, effects = saga.step(state, Seen(NOW, sight=ours), TIMINGS)
    assert effects == (Wait(2.0),)
    assert not state.declined


def test_an_answer_that_is_not_what_was_asked_for_leaves_doubt() -> None:
    sent, _ = saga.step(HOLD, Marked(NOW), TIMINGS)
    other = Sight(CarrierStatus.RESERVED, reserved_by="SOMEBODY-ELSE")
    state, effects = saga.step(sent, Answered(NOW, sight=other), TIMINGS)
    assert effects == (Wait(2.0, doubtful=True),)
    assert (state.doubt_at, state.attempt) == (NOW, 1)


def test_nobody_wants_it_any_more() -> None:
    push = State(facts(OperationKind.METADATA_PUSH, unwanted=True, did_id="d"))
    assert saga.step(push, Began(NOW), TIMINGS)[1] == (Succeed(),)
    doubtful = replace(push, doubt_at=NOW - timedelta(seconds=80))
    assert saga.step(doubtful, Seen(NOW, sight=None), TIMINGS)[1] == (Succeed(None),)


async def test_refusals_come_with_what_they_know(rig: Rig) -> None:
    other = Alternative("+13035551235", Place("303", "555"))
    stored = NumberUnavailable("+13035551234", [other]).as_json()
    row = Operation(id=UUID(int=1), subject="+13035551234", error=stored)  # type: ignore[call-arg]
    (refusal,) = outcomes.refusals(rig.services, [row], {}, ("reservationId",))
    assert isinstance(refusal, NumberUnavailable)
    assert (refusal.alternatives, refusal.path) == ((other,), ("reservationId",))


def test_crash_points_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    crashpoints.crashpoint("number_hold.before_send")
    monkeypatch.setenv(crashpoints.VARIABLE, "another.place:2")
    crashpoints.crashpoint("number_hold.before_send")
