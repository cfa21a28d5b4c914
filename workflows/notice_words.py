"""The words of each notice, from the facts that were kept with it: subject, text and HTML.

Whatever comes from people or from the carrier is data: escaped in HTML, on one line in a subject.
Days and times are written with their zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from numbering.notices import NoticeKind
from numbering.telephone import TelephoneNumber

LISTED = 50
"""So many numbers are named; a letter about ten thousand says how many there are."""

_FOOT = "You get this message because your account on the WARP voice platform asks for it."
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """A letter before it has a form: paragraphs, then a table, then a list of numbers."""

    subject: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    numbers: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Plain text."""
        parts = [*self.paragraphs]
        parts.append("\n".join(f"{name}: {value}" for name, value in self.rows))
        if self.numbers:
            parts.append("\n".join(f"  {number}" for number in self.numbers))
        return "\n\n".join([*parts, f"-- \n{_FOOT}"]) + "\n"

    @property
    def html(self) -> str:
        """A small page without pictures, scripts or links."""
        body = [f"<p>{escape(paragraph)}</p>" for paragraph in self.paragraphs]
        cells = "".join(
            f"<tr><th align=left>{escape(n)}</th><td>{escape(v)}</td></tr>" for n, v in self.rows
        )
        body.append(f"<table>{cells}</table>")
        items = "".join(f"<li>{escape(number)}</li>" for number in self.numbers)
        body += [f"<ul>{items}</ul>"] if items else []
        foot = f"<p><small>{escape(_FOOT)}</small></p>"
        head = f"<!doctype html><html lang=en><title>{escape(self.subject)}</title>"
        return f"{head}<body>{''.join(body)}{foot}</body></html>\n"


def words(kind: NoticeKind, facts: Facts) -> Words:
    """The letter of a notice."""
    return _WORDS[kind](facts)


def _purchased(facts: Facts) -> Words:
    numbers, failed = facts["numbers"], facts["failed"]
    what = _counted(len(numbers))
    paragraphs = [f"{what} now yours. Next, set the routing, so that calls arrive."]
    if failed:
        paragraphs.append(f"{len(failed)} more could not be bought: {_few(failed)}.")
    cost = (("Monthly cost", f"{facts['monthly']} {facts['currency']}"),)
    return Words(f"{what} yours", tuple(paragraphs), cost, _named(numbers))


def _validated(facts: Facts) -> Words:
    name, invalid, total = facts["project"], facts["invalid"], facts["total"]
    if invalid:
        return Words(
            f"{name}: {invalid} of {total} numbers {_need(invalid)} fixes",
            (
                f"The carrier has checked the numbers of {name}. "
                f"{invalid} of {total} {_need(invalid)} fixes before the port can be submitted.",
            ),
            _project(facts),
        )
    return Words(
        f"{name}: all {total} numbers are valid",
        (
            f"The carrier has checked the numbers of {name}: all {total} are valid. "
            "The port can be submitted.",
        ),
        _project(facts),
    )


def _rejected(facts: Facts) -> Words:
    rows = [*_project(facts), ("Reason", facts["code"])]
    rows += [("Carrier's code", facts["carrierCode"])] if facts["carrierCode"] else []
    return Words(
        f"{facts['project']}: the port was rejected",
        (
            f"The losing carrier has rejected the port {facts['project']}. {facts['message']}",
            facts["whatToDo"],
        ),
        tuple(rows),
        _named(facts["numbers"]),
    )


def _foc_set(facts: Facts) -> Words:
    return Words(
        f"{facts['project']}: your numbers move on {facts['focDate']}",
        (
            f"The losing carrier has confirmed the port {facts['project']}. The numbers move on "
            f"{facts['focDate']}.",
        ),
        _project(facts) + _foc(facts),
    )


def _foc_near(facts: Facts) -> Words:
    return Words(
        f"{facts['project']}: your numbers move on {facts['focDate']}, the next business day",
        (
            f"The numbers of {facts['project']} move to us on {facts['focDate']}. "
            "Please see that somebody can test calls then.",
        ),
        _project(facts) + _foc(facts),
    )


def _complete(facts: Facts) -> Words:
    active, total, failed = facts["active"], facts["total"], facts["failed"]
    done = f"{active} of {total} numbers active"
    if not failed:
        text = f"Your port is complete: {done}. They are ready for routing."
        return Words(f"{facts['project']}: {done}", (text,), _project(facts))
    text = (
        f"Your port is done: {done}. They are ready for routing. These were not activated; "
        "our staff look into it:"
    )
    return Words(f"{facts['project']}: {done}", (text,), _project(facts), _named(failed))


def _cancelled(facts: Facts) -> Words:
    text = f"The port {facts['project']} is cancelled. Its numbers stay with their carrier."
    return Words(f"{facts['project']}: the port is cancelled", (text,), _project(facts))


def _project(facts: Facts) -> tuple[tuple[str, str], ...]:
    return (("Port project", facts["project"]),)


def _foc(facts: Facts) -> tuple[tuple[str, str], ...]:
    return (("Activation", facts["activation"]), ("Can be cancelled until", facts["cancelUntil"]))


def _counted(count: int) -> str:
    return "1 number is" if count == 1 else f"{count} numbers are"


def _need(count: int) -> str:
    return "needs" if count == 1 else "need"


def _few(numbers: Sequence[str]) -> str:
    return ", ".join(_named(numbers))


def _named(numbers: Sequence[str]) -> tuple[str, ...]:
    shown = tuple(TelephoneNumber(number).national_format for number in numbers[:LISTED])
    more = len(numbers) - len(shown)
    return (*shown, f"and {more} more") if more else shown


_WORDS: Mapping[NoticeKind, Callable[[Facts], Words]] = {
    NoticeKind.NUMBERS_PURCHASED: _purchased,
    NoticeKind.PORT_VALIDATED: _validated,
    NoticeKind.PORT_REJECTED: _rejected,
    NoticeKind.PORT_FOC_SET: _foc_set,
    NoticeKind.PORT_FOC_NEAR: _foc_near,
    NoticeKind.PORT_COMPLETE: _complete,
    NoticeKind.PORT_CANCELLED: _cancelled,
}
