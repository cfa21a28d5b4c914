"""The life of a port: every pair of states, and the carrier's news in any order."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.lifecycle import IllegalMove, allowed_next, move
from numbering.porting import (
    AT_CARRIER,
    CANCELLABLE,
    EDITABLE,
    LIVE_PORT_NUMBER_STATES,
    OPEN,
    PORT_MOVES,
    PORT_NUMBER_MOVES,
    PORT_RANKS,
    SUBMITTABLE,
    VALIDATION_ENDS,
    PortNumberState,
    PortStatus,
)
from numbering.refusals import RefusalCode

P, N = PortStatus, PortNumberState
TABLES: Mapping[type[StrEnum], Mapping[Any, frozenset[Any]]] = {P: PORT_MOVES, N: PORT_NUMBER_MOVES}

# What the tables mean, written out once more by hand: old → all that may follow.
MEANING: Mapping[type[StrEnum], str] = {
    P: """
        DRAFT: VALIDATING CANCELLING CANCELLED
        VALIDATING: DRAFT NEEDS_FIXES VALIDATED CANCELLING CANCELLED
        NEEDS_FIXES: DRAFT VALIDATING VALIDATED CANCELLING CANCELLED
        VALIDATED: DRAFT VALIDATING NEEDS_FIXES SUBMITTED CANCELLING CANCELLED
        SUBMITTED: PENDING CONFIRMED FOC_ASSIGNED ACTIVATING PARTIAL COMPLETE REJECTED \
            CANCELLING CANCELLED
        PENDING: CONFIRMED FOC_ASSIGNED ACTIVATING PARTIAL COMPLETE REJECTED CANCELLING CANCELLED
        CONFIRMED: FOC_ASSIGNED ACTIVATING PARTIAL COMPLETE REJECTED CANCELLING CANCELLED
        FOC_ASSIGNED: ACTIVATING PARTIAL COMPLETE REJECTED CANCELLING CANCELLED
        ACTIVATING: PARTIAL COMPLETE
        PARTIAL: ACTIVATING COMPLETE
        REJECTED: DRAFT VALIDATING NEEDS_FIXES VALIDATED SUBMITTED CANCELLING CANCELLED
        CANCELLING: SUBMITTED PENDING CONFIRMED FOC_ASSIGNED ACTIVATING PARTIAL COMPLETE REJECTED \
            CANCELLED
        COMPLETE:
        CANCELLED:
    """,
    N: """
        PENDING: VALIDATING VALID INVALID CANCELLED
        VALIDATING: PENDING VALID INVALID CANCELLED
        VALID: PENDING VALIDATING INVALID SUBMITTED CANCELLED
        INVALID: PENDING VALIDATING VALID CANCELLED
        SUBMITTED: REJECTED ACTIVE FAILED CANCELLED
        REJECTED: PENDING VALIDATING VALID INVALID SUBMITTED CANCELLED
        FAILED: ACTIVE
        ACTIVE:
        CANCELLED:
    """,
}
PAIRS = [(old, new) for kind in TABLES for old, new in product(kind, kind)]


def legal(kind: type[StrEnum]) -> set[tuple[str, str]]:
    lines = (line.split(":") for line in MEANING[kind].split("\n") if line.strip())
    return {(old.strip(), new) for old, news in lines for new in news.split()}


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=lambda each: f"{type(each).__name__}.{each}")
def test_every_pair(old: StrEnum, new: StrEnum) -> None:
    if (old, new) in legal(type(old)):
        assert move(old, new) is new
        return
    with pytest.raises(IllegalMove) as refused:
        move(old, new)
    assert refused.value.code is RefusalCode.WRONG_STATE
    assert refused.value.allowed_next == tuple(sorted(allowed_next(old)))
    assert f"from {old} to {new}" in refused.value.message
    assert all(each in refused.value.message for each in allowed_next(old))


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_tables_are_complete_and_closed(kind: type[StrEnum]) -> None:
    assert set(TABLES[kind]) == set(kind)
    assert all(type(new) is kind for news in TABLES[kind].values() for new in news)


def test_sets_of_states_agree_with_the_tables() -> None:
    assert {status for status in P if PORT_MOVES[status]} == OPEN
    assert {status for status in P if P.SUBMITTED in PORT_MOVES[status]} - {
        P.CANCELLING
    } == SUBMITTABLE
    assert {status for status in P if P.CANCELLING in PORT_MOVES[status]} == CANCELLABLE
    assert EDITABLE.isdisjoint(AT_CARRIER)
    assert EDITABLE | AT_CARRIER == OPEN
    assert all(P.VALIDATING in PORT_MOVES[status] for status in EDITABLE - {P.VALIDATING})
    assert PORT_MOVES[P.VALIDATING] & VALIDATION_ENDS == VALIDATION_ENDS
    assert set(PORT_RANKS) == (set(P) - EDITABLE - {P.CANCELLING}) | {P.REJECTED}
    assert len(set(PORT_RANKS.values())) == len(PORT_RANKS)
    assert {state for state in N if PORT_NUMBER_MOVES[state]} == LIVE_PORT_NUMBER_STATES | {
        N.FAILED
    }


ways = st.lists(st.integers(0, 11), max_size=40)


@given(st.sampled_from(list(TABLES)), ways)
def test_every_lawful_way_stays_in_the_table_and_what_is_final_stays(
    kind: type[StrEnum], turns: list[int]
) -> None:
    state = next(iter(kind))
    for turn in turns:
        followers = sorted(allowed_next(state))
        if not followers:
            assert state in {P.COMPLETE, P.CANCELLED, N.ACTIVE, N.CANCELLED}
            return
        state = move(state, followers[turn % len(followers)])
    assert type(state) is kind


@given(st.sampled_from(sorted(OPEN)))
def test_from_every_open_status_there_is_a_way_to_an_end(status: PortStatus) -> None:
    reached, before = {status}, set[PortStatus]()
    while reached != before:
        before, reached = reached, reached | {new for old in reached for new in PORT_MOVES[old]}
    assert reached & {P.COMPLETE, P.CANCELLED}


# News as a carrier sends them: of an attempt, and how far that attempt was.
HAPPY = [P.SUBMITTED, P.PENDING, P.CONFIRMED, P.FOC_ASSIGNED, P.ACTIVATING]
ENDS = [[P.COMPLETE], [P.PARTIAL, P.COMPLETE], [P.PARTIAL]]
stories = st.sampled_from([[*HAPPY, *end] for end in ENDS]) | st.builds(
    lambda known, end: [*HAPPY[:known], end],
    st.integers(1, 4),
    st.sampled_from([P.REJECTED, P.CANCELLED]),
)


def taken_in(news: list[PortStatus]) -> tuple[PortStatus, list[PortStatus]]:
    """Apply only what is further along than what is known: the rule that all readers follow."""
    status, way = P.SUBMITTED, list[PortStatus]()
    for told in news:
        if PORT_RANKS[told] > PORT_RANKS[status]:
            status = move(status, told)
            way.append(status)
    return status, way


@given(stories, st.data())
def test_news_in_any_order_twice_or_never_end_where_they_end(
    story: list[PortStatus], data: st.DataObject
) -> None:
    last = story[-1]
    heard = data.draw(st.lists(st.sampled_from(story), max_size=12))
    status, way = taken_in(data.draw(st.permutations([*heard, last])))
    assert status is last
    assert [PORT_RANKS[each] for each in way] == sorted({PORT_RANKS[each] for each in way})


@given(stories, st.data())
def test_while_the_end_is_not_known_the_status_is_the_furthest_heard(
    story: list[PortStatus], data: st.DataObject
) -> None:
    heard = data.draw(st.lists(st.sampled_from(story)))
    status, _ = taken_in(heard)
    assert status is max([P.SUBMITTED, *heard], key=PORT_RANKS.__getitem__)
