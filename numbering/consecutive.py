"""Runs of consecutive numbers among fetched ones: the carrier cannot be asked (decisions 5)."""

from collections.abc import Iterable
from itertools import groupby

from numbering.telephone import TelephoneNumber


def runs(numbers: Iterable[TelephoneNumber], length: int) -> list[tuple[TelephoneNumber, ...]]:
    """Every unbroken run of at least `length` numbers, whole, in ascending order.

    A run stays within its exchange: 303-555-9999 and 303-556-0000 follow each other as integers,
    but belong to different switches.
    """
    ordered = enumerate(sorted(set(numbers)))
    # Along a run, number and rank grow together, so their difference names the run.
    grouped = groupby(ordered, key=lambda ranked: (ranked[1][:8], int(ranked[1][1:]) - ranked[0]))
    found = (tuple(number for _, number in run) for _, run in grouped)
    return [run for run in found if len(run) >= length]
