"""Other numbers to offer in place of one that is gone: from pages at hand, never by a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numbering.place import Place
from numbering.telephone import TelephoneNumber

if TYPE_CHECKING:
    from workflows.wiring import Services

MOST = 3


def near(services: Services, number: TelephoneNumber) -> list[tuple[TelephoneNumber, Place]]:
    """The closest free numbers of the same area code, as fresh pages of this process have them."""
    known = {
        record.number: record.place
        for record in services.pages.records(number.npa)
        if record.number != number
    }
    ranked = sorted(known, key=lambda other: abs(int(other[1:]) - int(number[1:])))
    return [(other, known[other]) for other in ranked[:MOST]]
