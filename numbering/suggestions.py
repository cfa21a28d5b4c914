"""Where to look when a search finds nothing: nearby area codes and rate centres.

Only candidates come from here. Whether they have numbers left, the carrier must be asked, and each
question costs a request: take the first few.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from numbering.area_codes import state_of
from numbering.criteria import SearchCriteria
from numbering.markets import neighbouring_rate_centers, neighbours, place_name

__all__ = ["Candidate", "candidates", "neighbours"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another search that may find something, and what to call it."""

    label: str
    criteria: SearchCriteria
    npa: str | None = None
    state: str | None = None
    rate_center: str | None = None


def candidates(criteria: SearchCriteria, limit: int = 5) -> tuple[Candidate, ...]:
    """The best `limit` alternatives to a checked search, nearest first; none if none are known.

    What kind of number was wanted (type, features, runs, trailing digits) stays; only the place
    moves.
    """
    return tuple(islice(_all(criteria), limit))


def _all(criteria: SearchCriteria) -> Iterator[Candidate]:
    if criteria.rate_center is not None and criteria.state is not None:
        yield from _by_rate_center(criteria, criteria.rate_center, criteria.state.strip().upper())
    yield from _by_area_code(criteria)
    if criteria.state is not None and (criteria.locality or criteria.rate_center or criteria.latas):
        yield _anywhere_in(criteria, criteria.state.strip().upper())


def _by_rate_center(criteria: SearchCriteria, name: str, state: str) -> Iterator[Candidate]:
    for other in neighbouring_rate_centers(name, state):
        # The exchange and the town go with the rate centre; the area codes may well stay.
        moved = replace(criteria, rate_center=other, locality=None, nxx=None, npas=())
        yield Candidate(f"{other}, {state}", moved, state=state, rate_center=other)


def _by_area_code(criteria: SearchCriteria) -> Iterator[Candidate]:
    prefix = criteria.starts_with or ""
    asked = criteria.npas or ((prefix[:3],) if len(prefix) >= 3 else ())
    nearby = dict.fromkeys(other for npa in asked for other in neighbours(npa))
    for npa in nearby:
        if npa not in asked:
            yield _moved_to(criteria, npa)


def _moved_to(criteria: SearchCriteria, npa: str) -> Candidate:
    state = state_of(npa)
    # A prefix names an area code and perhaps an exchange of it: the digits after it are kept.
    rest = (criteria.starts_with or "")[3:]
    moved = replace(
        criteria,
        npas=(npa,),
        state=state if criteria.state is not None else None,
        starts_with=npa + rest if rest else None,
        locality=None,
        latas=(),
        rate_center=None,
        nxx=None,
    )
    return Candidate(f"{npa}, {place_name(npa)}", moved, npa=npa, state=state)


def _anywhere_in(criteria: SearchCriteria, state: str) -> Candidate:
    moved = replace(criteria, locality=None, latas=(), rate_center=None, nxx=None)
    return Candidate(f"Anywhere in {state}", moved, state=state)
