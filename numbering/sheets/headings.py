"""The headings of a port file: our seven columns under the names that people give them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from numbering.port_refusals import FileRefused
from numbering.sheets.grid import Cells
from numbering.sheets.rules import Fault, PortFileCode, fault

COLUMNS = (
    "telephone_number",
    "lsp_name",
    "lsp_spid",
    "btn",
    "account_number",
    "pin",
    "notes",
)
"""The carrier's names, in the carrier's order."""

SEARCHED = 20
"""The headings stand within so many rows; above them may be a title."""

ALIASES: Mapping[str, tuple[str, ...]] = {
    "telephone_number": (
        "telephone",
        "telephone no",
        "phone",
        "phone number",
        "phone no",
        "number",
        "number to port",
        "porting number",
        "ported number",
        "port number",
        "tn",
        "tns",
        "wtn",
        "working telephone number",
        "did",
        "dids",
        "did number",
        "msisdn",
        "e164",
    ),
    "lsp_name": (
        "lsp",
        "carrier",
        "carrier name",
        "current carrier",
        "losing carrier",
        "losing carrier name",
        "donor carrier",
        "provider",
        "current provider",
        "losing provider",
        "service provider",
        "current service provider",
        "losing service provider",
        "osp",
    ),
    "lsp_spid": ("spid", "carrier spid", "losing spid", "losing carrier spid", "resp org"),
    "btn": (
        "billing telephone number",
        "billing tn",
        "billing number",
        "billing phone",
        "billing phone number",
        "atn",
        "account telephone number",
    ),
    "account_number": (
        "account",
        "account no",
        "account id",
        "acct",
        "acct no",
        "acct number",
        "ban",
        "billing account number",
        "carrier account number",
    ),
    "pin": (
        "pin code",
        "pin number",
        "passcode",
        "pin passcode",
        "passcode pin",
        "account pin",
        "port out pin",
        "transfer pin",
        "number transfer pin",
    ),
    "notes": ("note", "comment", "comments", "remark", "remarks", "description"),
}

_USUAL = ("lsp_name", "btn", "account_number")
_DROPPED = re.compile(r"[\W_]+")


def plain(heading: str) -> str:
    """A heading for comparison: only letters and digits, small."""
    return _DROPPED.sub("", heading).lower()


_MEANINGS = {plain(name): column for column in COLUMNS for name in (column, *ALIASES[column])}


def known(cells: Sequence[str]) -> Mapping[str, int]:
    """Where each known column stands if this row is the headings, else nothing.

    Of two with one meaning the exact name wins, then the first.
    """
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        column = _MEANINGS.get(plain(cell))
        if column is not None and (column not in places or _exact(cells, place, places[column])):
            places[column] = place
    return places if "telephone_number" in places else {}


def _exact(cells: Sequence[str], here: int, before: int) -> bool:
    return plain(cells[here]) in _EXACT and plain(cells[before]) not in _EXACT


_EXACT = frozenset(plain(column) for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class Headings:
    """The row of headings: its place, its cells, and where each known column stands."""

    row: int
    cells: Cells
    places: Mapping[str, int]

    def repeated(self, cells: Cells) -> bool:
        """Whether this row is the headings once more, as on each printed page."""
        return cells == self.cells

    def columns(self) -> tuple[str, ...]:
        """Known columns by their own names, in the order of the file."""
        return tuple(sorted(self.places, key=self.places.__getitem__))

    def faults(self) -> Iterator[Fault]:
        """What the headings themselves have wrong; never an error."""
        for place, cell in enumerate(self.cells):
            column = _MEANINGS.get(plain(cell))
            if column is None and cell.strip():
                yield fault(
                    self.row,
                    None,
                    PortFileCode.UNKNOWN_COLUMN,
                    "This column is not read. The known ones are " + ", ".join(COLUMNS) + ".",
                    value=cell,
                )
            elif column is not None and self.places[column] != place:
                yield fault(
                    self.row,
                    column,
                    PortFileCode.DUPLICATE_COLUMN,
                    f"Two columns mean {column}; this one is not read. Delete or rename it.",
                    value=cell,
                )
        yield from self._missing()

    def _missing(self) -> Iterator[Fault]:
        for column in _USUAL:
            if column in self.places or (column == "lsp_name" and "lsp_spid" in self.places):
                continue
            yield fault(
                self.row,
                column,
                PortFileCode.MISSING_COLUMN,
                f"There is no column {column}. Carriers often ask for it.",
                suggestion=column,
            )


def found(rows: Iterator[tuple[int, Cells]]) -> Headings:
    """Read as far as the headings; FileRefused if they are not among the first rows.

    The refusal repeats nothing of the file: without headings a cell may be anyone's PIN.
    """
    empty = True
    for place, cells in rows:
        places = known(cells)
        if places:
            return Headings(place, cells, places)
        empty = empty and not any(cell.strip() for cell in cells)
        if place >= SEARCHED:
            break
    if empty:
        raise FileRefused("The file is empty. Write one row of headings and one for each number.")
    raise FileRefused(
        "No column telephone_number was found. The first row names the columns: "
        + ",".join(COLUMNS)
        + "."
    )
