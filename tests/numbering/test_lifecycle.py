"""Every pair of states of every kind: the move is in the table or refused by name."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.lifecycle import (
    DID_MOVES,
    INCIDENT_MOVES,
    ITEM_MOVES,
    LIVE_DID_STATUSES,
    LIVE_ITEM_STATES,
    MESSAGING_MOVES,
    OPERATION_MOVES,
    RESERVATION_MOVES,
    TERMINAL_OPERATION_STATES,
    CarrierStatus,
    DidStatus,
    IllegalMove,
    IncidentState,
    MessagingPortStatus,
    OperationState,
    ReservationItemState,
    ReservationState,
    allowed_next,
    move,
    reservation_state,
)
from numbering.refusals import Refusal, RefusalCode, WrongState

Item = ReservationItemState

TABLES: Mapping[type[StrEnum], Mapping[Any, frozenset[Any]]] = {
    DidStatus: DID_MOVES,
    ReservationState: RESERVATION_MOVES,
    ReservationItemState: ITEM_MOVES,
    OperationState: OPERATION_MOVES,
    IncidentState: INCIDENT_MOVES,
    MessagingPortStatus: MESSAGING_MOVES,
}

# What the tables mean, written out once more by hand: old → all that may follow.
MEANING = {
    DidStatus: """
        PORTING: ACTIVE DISCONNECTED
        ACTIVE: RELEASING DISCONNECTED
        RELEASING: ACTIVE DISCONNECTED
        DISCONNECTED:
    """,
    ReservationItemState: """
        PENDING: HELD FAILED RELEASED EXPIRED PENDING_CONFIRMATION
        HELD: ASSIGNING FAILED RELEASED EXPIRED PENDING_CONFIRMATION
        ASSIGNING: ASSIGNED HELD FAILED RELEASED EXPIRED PENDING_CONFIRMATION
        PENDING_CONFIRMATION: HELD ASSIGNING ASSIGNED FAILED RELEASED EXPIRED
        ASSIGNED:
        FAILED:
        RELEASED:
        EXPIRED:
    """,
    ReservationState: """
        PENDING: HELD ASSIGNING DONE EXPIRED RELEASED
        HELD: ASSIGNING DONE EXPIRED RELEASED
        ASSIGNING: PENDING HELD DONE EXPIRED RELEASED
        DONE:
        EXPIRED:
        RELEASED:
    """,
    OperationState: """
        QUEUED: RUNNING WAITING SUCCEEDED FAILED ATTENTION
        RUNNING: RUNNING QUEUED WAITING UNKNOWN SUCCEEDED FAILED ATTENTION
        WAITING: RUNNING QUEUED SUCCEEDED FAILED ATTENTION
        UNKNOWN: RUNNING QUEUED WAITING SUCCEEDED FAILED ATTENTION
        ATTENTION: QUEUED SUCCEEDED FAILED
        SUCCEEDED:
        FAILED:
    """,
    IncidentState: """
        OPEN: RETRYING RESOLVED
        RETRYING: OPEN RESOLVED
        RESOLVED:
    """,
    MessagingPortStatus: """
        NOT_APPLICABLE: PENDING
        PENDING: CONFIRMED FAILED
        FAILED: PENDING
        CONFIRMED: FAILED
    """,
}


def legal(kind: type[StrEnum]) -> set[tuple[str, str]]:
    lines = (line.split(":") for line in MEANING[kind].split("\n") if line.strip())
    return {(old.strip(), new) for old, news in lines for new in news.split()}


PAIRS = [(old, new) for kind in TABLES for old, new in product(kind, kind)]


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=lambda each: f"{type(each).__name__}.{each}")
def test_every_pair(old: StrEnum, new: StrEnum) -> None:
    if (old, new) in legal(type(old)):
        assert move(old, new) is new
        return
    with pytest.raises(IllegalMove) as refused:
        move(old, new)
    assert refused.value.code is RefusalCode.WRONG_STATE
    assert refused.value.state == old
    assert set(refused.value.allowed_next) == set(allowed_next(old))
    assert f"from {old} to {new}" in refused.value.message
    assert all(each in refused.value.message for each in allowed_next(old))


@pytest.mark.parametrize("kind", TABLES)
def test_tables_are_complete_and_closed(kind: type[StrEnum]) -> None:
    table = TABLES[kind]
    assert set(table) == set(kind)
    assert all(isinstance(new, kind) for news in table.values() for new in news)


def test_a_final_state_says_so() -> None:
    with pytest.raises(IllegalMove, match="it is final"):
        move(DidStatus.DISCONNECTED, DidStatus.ACTIVE)


def test_states_of_two_kinds_do_not_mix_although_they_are_equal_as_text() -> None:
    old: StrEnum = Item.PENDING
    assert old == ReservationState.PENDING
    with pytest.raises(TypeError, match="ReservationState"):
        move(old, ReservationState.HELD)
    assert Item.ASSIGNED not in {str(each) for each in allowed_next(ReservationState.PENDING)}


def test_an_illegal_move_is_stored_as_a_wrong_state() -> None:
    refusal = IllegalMove(Item.ASSIGNED, Item.HELD)
    stored = Refusal.from_json(refusal.as_json())
    assert type(stored) is WrongState
    assert stored.as_json() == refusal.as_json()


def test_live_and_terminal_states_follow_from_the_tables() -> None:
    assert {state for state in Item if ITEM_MOVES[state]} == LIVE_ITEM_STATES
    assert {status for status in DidStatus if DID_MOVES[status]} == LIVE_DID_STATUSES
    final = {state for state in OperationState if not OPERATION_MOVES[state]}
    assert final == TERMINAL_OPERATION_STATES == {OperationState.SUCCEEDED, OperationState.FAILED}


@pytest.mark.parametrize(
    ("items", "state"),
    [
        ("PENDING", "PENDING"),
        ("PENDING HELD", "PENDING"),
        ("PENDING FAILED", "PENDING"),
        ("HELD", "HELD"),
        ("HELD FAILED EXPIRED", "HELD"),
        ("HELD ASSIGNED", "HELD"),
        ("HELD ASSIGNING", "ASSIGNING"),
        ("PENDING ASSIGNING", "ASSIGNING"),
        ("PENDING_CONFIRMATION", "ASSIGNING"),
        ("PENDING_CONFIRMATION ASSIGNED HELD", "ASSIGNING"),
        ("ASSIGNED", "DONE"),
        ("ASSIGNED FAILED RELEASED EXPIRED", "DONE"),
        ("EXPIRED", "EXPIRED"),
        ("EXPIRED RELEASED FAILED", "EXPIRED"),
        ("RELEASED", "RELEASED"),
        ("RELEASED FAILED", "RELEASED"),
        ("FAILED", "RELEASED"),
        ("", "RELEASED"),
    ],
)
def test_a_cart_is_the_sum_of_its_items(items: str, state: str) -> None:
    assert reservation_state(Item(each) for each in items.split()) is ReservationState(state)


@given(st.lists(st.sampled_from(Item), min_size=1))
def test_a_cart_is_over_exactly_when_no_item_is_live(items: list[Item]) -> None:
    over = not allowed_next(reservation_state(items))
    assert over == LIVE_ITEM_STATES.isdisjoint(items)
    assert reservation_state(items) is reservation_state(reversed(items))


@given(st.lists(st.sampled_from(Item), min_size=1, max_size=4), st.data())
def test_a_lawful_step_of_one_item_is_a_lawful_step_of_its_cart(
    items: list[Item], data: st.DataObject
) -> None:
    index = data.draw(st.sampled_from(range(len(items))))
    followers = sorted(allowed_next(items[index]))
    if followers:
        stepped = [*items[:index], data.draw(st.sampled_from(followers)), *items[index + 1 :]]
        before, after = reservation_state(items), reservation_state(stepped)
        assert after is before or after in allowed_next(before)


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        *((status.value, status) for status in CarrierStatus),
        ("in_use", CarrierStatus.IN_USE),
        (" In-Use ", CarrierStatus.IN_USE),
        ("AGEING", CarrierStatus.UNKNOWN),
        ("", CarrierStatus.UNKNOWN),
        (None, CarrierStatus.UNKNOWN),
        (7, CarrierStatus.UNKNOWN),
        (["AVAILABLE"], CarrierStatus.UNKNOWN),
    ],
)
def test_the_carriers_word_is_read_tolerantly(wire: object, status: CarrierStatus) -> None:
    assert CarrierStatus.from_wire(wire) is status


@given(st.none() | st.text() | st.integers() | st.lists(st.text()))
def test_no_word_of_the_carrier_raises(wire: object) -> None:
    assert CarrierStatus.from_wire(wire) in CarrierStatus
