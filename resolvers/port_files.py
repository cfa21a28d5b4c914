"""Files of numbers: the rules, and the faults of a sheet that is only in memory."""

from collections.abc import Sequence

from numbering import port_sheet
from numbering.port_sheet import Fault, Rule, Sheet
from resolvers.paging import Page, count_key, cursor, cut, fingerprint, window

FIRST = 100


def rules() -> Sequence[Rule]:
    """What files are judged by; the same for everybody."""
    return port_sheet.RULES


def faults(sheet: Sheet, *, first: int | None, after: str | None) -> Page[Fault]:
    """A stretch of what is wrong; a cursor is a place in this very sheet."""
    tag = fingerprint("port-faults", sheet.file_name, sheet.total, len(sheet.faults))
    asked = window(tag, first=first, after=after, readers=(count_key,), default=FIRST)
    start = 0 if asked.after is None else asked.after[0] + 1
    rows = sheet.faults[start : start + asked.limit + 1]
    return cut(rows, asked, [cursor(tag, start + at) for at in range(len(rows))])


async def count_faults(sheet: Sheet) -> int:
    """How many there are."""
    return len(sheet.faults)
