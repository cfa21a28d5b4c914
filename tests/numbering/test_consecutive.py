"""Runs of consecutive numbers in a fetched page."""

from hypothesis import given
from hypothesis import strategies as st

from numbering.consecutive import runs
from numbering.telephone import TelephoneNumber


def number(value: int) -> TelephoneNumber:
    return TelephoneNumber.from_national(str(value))


crowded = st.lists(st.integers(3035559990, 3035560009), max_size=25).map(
    lambda values: [number(value) for value in values]
)


def test_runs_are_whole_and_in_order() -> None:
    page = [number(3035551000 + n) for n in (7, 3, 1, 2, 9, 8, 2)]
    assert runs(page, 3) == [
        tuple(number(3035551000 + n) for n in (1, 2, 3)),
        tuple(number(3035551000 + n) for n in (7, 8, 9)),
    ]
    assert runs(page, 4) == []
    assert runs([], 2) == []


def test_a_run_ends_with_its_exchange() -> None:
    page = [number(3035559998 + n) for n in range(4)]
    assert runs(page, 3) == []
    assert [len(run) for run in runs(page, 2)] == [2, 2]


def test_neighbouring_area_codes_do_not_join() -> None:
    assert runs([number(3039999999), number(3040000000 + 2000000)], 2) == []


@given(crowded, st.integers(1, 6))
def test_every_number_in_a_long_enough_run_is_found_and_no_other(
    page: list[TelephoneNumber], length: int
) -> None:
    there = set(page)

    def run_length(start: TelephoneNumber, step: int) -> int:
        count, value = 0, int(start.national)
        while number(value + step * count) in there:
            if number(value + step * count).nxx != start.nxx:
                break
            count += 1
        return count

    expected = {n for n in there if run_length(n, 1) + run_length(n, -1) - 1 >= length}
    found = runs(page, length)
    assert {n for run in found for n in run} == expected
    assert sum(map(len, found)) == len(expected)
    for run in found:
        assert [int(n.line) for n in run] == list(
            range(int(run[0].line), int(run[0].line) + len(run))
        )
