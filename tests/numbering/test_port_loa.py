"""A letter of authorization counts for 30 days and for one list of numbers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering import port_loa
from numbering.port_loa import LoaState
from tests.numbering import strategies

TODAY = date(2026, 11, 22)
LIST = port_loa.list_hash(["+13035551234", "+13035551235"])


def judged(
    *,
    age: int | None = 0,
    bound_to: str | None = LIST,
    current: str = LIST,
    has_document: bool = True,
) -> tuple[LoaState, str | None]:
    return port_loa.judge(
        signed_on=None if age is None else TODAY - timedelta(days=age),
        list_hash=bound_to,
        current_hash=current,
        today=TODAY,
        has_document=has_document,
    )


@pytest.mark.parametrize(
    ("age", "state", "reason"),
    [
        (0, LoaState.CURRENT, None),
        (30, LoaState.CURRENT, None),
        (31, LoaState.STALE, "older than 30 days"),
        (-1, LoaState.STALE, "in the future"),
        (None, LoaState.STALE, "when it was signed"),
    ],
)
def test_age(age: int | None, state: LoaState, reason: str | None) -> None:
    found, said = judged(age=age)
    assert found is state
    assert (reason or "") in (said or "")
    assert (said is None) == (reason is None)


def test_without_a_document_nothing_else_matters() -> None:
    state, reason = judged(age=None, bound_to=None, has_document=False)
    assert (state, reason) == (
        LoaState.MISSING,
        "Upload a signed letter of authorization as a document.",
    )


@pytest.mark.parametrize("bound_to", [None, port_loa.list_hash(["+13035551234"])])
def test_another_list_needs_another_letter(bound_to: str | None) -> None:
    state, reason = judged(bound_to=bound_to)
    assert state is LoaState.STALE
    assert "have changed" in str(reason)


@pytest.mark.parametrize(("age", "soon"), [(-1, False), (24, False), (25, True), (60, True)])
def test_ageing(age: int, soon: bool) -> None:
    assert port_loa.ageing(TODAY - timedelta(days=age), TODAY) is soon


number_lists = st.lists(strategies.numbers, max_size=6)


@given(number_lists, st.randoms())
def test_the_order_and_repetitions_do_not_matter(numbers: list[str], random: object) -> None:
    shuffled = [*numbers, *numbers[:2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert port_loa.list_hash(shuffled) == port_loa.list_hash(iter(numbers))


@given(number_lists, number_lists)
def test_another_set_has_another_hash(one: list[str], other: list[str]) -> None:
    same = port_loa.list_hash(one) == port_loa.list_hash(other)
    assert same == (set(one) == set(other))
    assert len(port_loa.list_hash(one)) == 64
