"""Lists in an input, judged entry by entry: one bad entry refuses itself, never the others."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from numbering.refusals import Invalid, LimitExceeded, Refusal
from numbering.telephone import InvalidNumber, TelephoneNumber

K = TypeVar("K")


@dataclass(slots=True)
class Asked(Generic[K]):
    """What was asked for, each with the path of its entry, and the entries refused so far."""

    paths: dict[K, tuple[str, ...]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, key: K, refusal: Refusal) -> None:
        """Take an entry out, and say why."""
        self.refusals.append(refusal.at(*self.paths.pop(key)))


def numbers(listed: Sequence[str], most: int, name: str = "numbers") -> Asked[TelephoneNumber]:
    """Parsed numbers. Raises Invalid or LimitExceeded for the list as a whole."""
    _check_length(listed, most, name)
    asked: Asked[TelephoneNumber] = Asked()
    for index, text in enumerate(listed):
        path = (name, str(index))
        try:
            number = TelephoneNumber.parse(text)
        except InvalidNumber as error:
            asked.refusals.append(Invalid(error.message, path=path))
            continue
        _add(asked, number, path)
    return asked


def paths_of(listed: Sequence[str], name: str) -> dict[str, tuple[str, ...]]:
    """Where each number stands in a list that was judged before; the rest was refused then."""
    found: dict[str, tuple[str, ...]] = {}
    for index, text in enumerate(listed):
        with suppress(InvalidNumber):
            found.setdefault(TelephoneNumber.parse(text), (name, str(index)))
    return found


def ids(listed: Sequence[UUID], most: int, name: str) -> Asked[UUID]:
    """Ids without repetitions. Raises Invalid or LimitExceeded for the list as a whole."""
    _check_length(listed, most, name)
    asked: Asked[UUID] = Asked()
    for index, key in enumerate(listed):
        _add(asked, key, (name, str(index)))
    return asked


def _add(asked: Asked[K], key: K, path: tuple[str, ...]) -> None:
    first = asked.paths.setdefault(key, path)
    if first != path:
        message = f"The same as entry {first[-1]} of this list. Leave one of them out."
        asked.refusals.append(Invalid(message, path=path))


def _check_length(listed: Sequence[object], most: int, name: str) -> None:
    if not listed:
        raise Invalid("Name at least one.", path=(name,))
    if len(listed) > most:
        raise LimitExceeded(most, path=(name,))


def text(value: str, most: int, *path: str, required: bool = False) -> str:
    """A line of text for people: trimmed. Invalid if it is too long or cannot be shown."""
    tidy = value.strip()
    if required and not tidy:
        raise Invalid("Write something here.", path=path)
    if len(tidy) > most:
        raise Invalid(f"At most {most} characters.", path=path)
    # Controls, half pairs and the marks that make text read backwards; joiners are fine.
    if any(unicodedata.category(c) in _UNSEEN or c in _DIRECTIONS for c in tidy):
        raise Invalid("Remove control characters and direction marks from the text.", path=path)
    return tidy


_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_DIRECTIONS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
