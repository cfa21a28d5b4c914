"""What the reader of workbooks does not tell: how far a sheet reaches, and formats of zeros.

The reader lays a sheet out as a full rectangle, so one cell far out would fill the memory; and it
gives values without their number format, so that 0123 shown by the format 0000 comes out as 123.
It also copies a shared text into each cell that names it: a few kilobytes would unpack to many
gigabytes. Expat goes over the XML once for all of it. A document type is refused: no workbook has
one, and all XML bombs do.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.parsers import expat

from numbering.port_refusals import FileRefused
from numbering.sheets.grid import MAX_PHYSICAL_ROWS

MAX_AREA = 1_000_000
"""Cells of the rectangle."""
MAX_TOGETHER = 2 * MAX_AREA
"""Cells of the rectangles of all sheets: two sheets may be one part, and each is laid out anew."""
MAX_COPIED = 128_000_000
"""Characters of shared texts, if each cell that names one had the longest."""
MAX_ZEROS = 500_000
"""Cells with a format of zeros, in all parts."""

Place = tuple[int, int]
"""Row and column, from 1."""

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
_ORNAMENT = re.compile(r'\\.|"[^"]*"|\[[^\]]*\]|[-() ./]')
_ZEROS = re.compile(r"0{2,}")


@dataclass(slots=True)
class Extent:
    """What a sheet comes to: its rectangle, how many cells name a shared text, formats of zeros."""

    area: int = 0
    shared: int = 0
    zeros: dict[Place, int] = field(default_factory=dict)


@dataclass(slots=True)
class Survey:
    """Fills while its parts are fed; ask it when all are."""

    widths: list[int] = field(default_factory=list)
    """By style: how many digits its format shows at least, 0 for other formats."""
    formats: dict[str, int] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    relations: dict[str, str] = field(default_factory=dict)
    zeros: int = 0
    extents: dict[str, "Extent"] = field(default_factory=dict)
    longest: int = 0
    """Characters of the longest shared text."""

    def zeros_of(self, sheet: str) -> Mapping[Place, int]:
        """Cells of a sheet whose format shows leading zeros, with the number of digits."""
        return self._extent_of(sheet).zeros

    def _extent_of(self, sheet: str) -> "Extent":
        target = self.relations.get(self.paths.get(sheet, ""), "")
        path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").lower()
        return self.extents.get(path, Extent())

    def check(self) -> None:
        """FileRefused if a sheet could be in a part that was not looked at, or all are too much."""
        targets = (self.relations.get(part, "") for part in self.paths.values())
        if not all(target.lower().endswith(".xml") for target in targets):
            raise FileRefused("A sheet of the workbook is not where it should be. Save it anew.")
        extents = [self._extent_of(sheet) for sheet in self.paths]
        if sum(extent.area for extent in extents) > MAX_TOGETHER:
            raise FileRefused("The sheets are too large together. Send the one with the numbers.")
        if sum(extent.shared for extent in extents) * self.longest > MAX_COPIED:
            raise FileRefused("A text of the workbook is too long. Shorten it, or send CSV.")

    def zero(self, extent: "Extent", place: Place, width: int) -> None:
        """Note a cell that shows leading zeros."""
        extent.zeros[place] = width
        self.zeros += 1
        if self.zeros > MAX_ZEROS:
            raise FileRefused("Too many cells have a format of zeros. Delete those not used.")

    @contextmanager
    def part(self, name: str) -> Iterator["Part"]:
        """A part to be fed piece by piece; at the end it must have been whole."""
        path = name.lower()
        part = Part()
        if path == "xl/workbook.xml":
            part = _Index(self)
        elif path == "xl/_rels/workbook.xml.rels":
            part = _Relations(self)
        elif path == "xl/styles.xml":
            part = _Styles(self)
        elif path == "xl/sharedstrings.xml":
            part = _Texts(self)
        elif path.endswith(".xml"):
            # Whatever its name: the workbook may say that any part is a sheet.
            part = _Cells(self, path)
        yield part
        part.close()


class Part:
    """One entry of the archive; anything that is not XML passes unread."""

    def feed(self, piece: bytes) -> None:
        """Take the next bytes; an expat error if they should be XML and are not."""

    def close(self) -> None:
        """An expat error if the document is not complete."""


class _Xml(Part):
    """A part whose elements are looked at."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = _refuse_document_type
        self._parser.StartElementHandler = self.start

    def feed(self, piece: bytes) -> None:
        self._parser.Parse(piece, False)

    def close(self) -> None:
        self._parser.Parse(b"", True)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""


def _refuse_document_type(*_: object) -> None:
    raise FileRefused("The workbook declares an XML document type. Save it anew in Excel.")


def _once(names: dict[str, str], name: str, value: str) -> None:
    """Keep it; FileRefused for two of one name, of which the reader might take the other."""
    if name in names:
        raise FileRefused("The workbook names two parts alike. Save it anew in Excel.")
    names[name] = value


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Index(_Xml):
    """The workbook: titles of the sheets and the ids of their parts."""

    def __init__(self, survey: Survey) -> None:
        super().__init__()
        self._survey = survey

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if _local(name) == "sheet":
            ids = [value for key, value in attributes.items() if key.endswith(":id")]
            _once(self._survey.paths, attributes.get("name", ""), ids[0] if ids else "")


class _Relations(_Xml):
    """Where the part of each id stands in the archive."""

    def __init__(self, survey: Survey) -> None:
        super().__init__()
        self._survey = survey

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if _local(name) == "Relationship":
            _once(self._survey.relations, attributes.get("Id", ""), attributes.get("Target", ""))


class _Styles(_Xml):
    """The formats of numbers, and which style has which."""

    def __init__(self, survey: Survey) -> None:
        super().__init__()
        self._survey = survey
        self._in_cells = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = _local(name)
        if local == "numFmt":
            shape = attributes.get("formatCode", "").split(";", maxsplit=1)[0]
            digits = _ORNAMENT.sub("", shape)
            if _ZEROS.fullmatch(digits):
                self._survey.formats[attributes.get("numFmtId", "")] = len(digits)
        elif local in {"cellXfs", "cellStyles", "dxfs"}:
            self._in_cells = local == "cellXfs"
        elif local == "xf" and self._in_cells:
            width = self._survey.formats.get(attributes.get("numFmtId", ""), 0)
            self._survey.widths.append(width)


class _Texts(_Xml):
    """The shared texts: how long the longest is, pieces of rich text together."""

    def __init__(self, survey: Survey) -> None:
        super().__init__()
        self._survey = survey
        self._length = 0
        self._parser.CharacterDataHandler = self._said

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if _local(name) == "si":
            self._length = 0

    def _said(self, text: str) -> None:
        self._length += len(text)
        self._survey.longest = max(self._survey.longest, self._length)


class _Cells(_Xml):
    """A sheet: the rectangle of its cells, and those that show leading zeros."""

    def __init__(self, survey: Survey, path: str) -> None:
        super().__init__()
        self._survey = survey
        self._extent = survey.extents.setdefault(path, Extent())
        self._widths = {str(s): width for s, width in enumerate(survey.widths) if width}
        self._row = self._column = self._last = self._widest = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in {"c", "x:c"} or name.endswith(":c"):
            self._cell(attributes)
        elif name == "row" or name.endswith(":row"):
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0

    def _cell(self, attributes: Mapping[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            self._go_to(reference)
        if self._row > self._last or self._column > self._widest:
            self._grow()
        self._extent.shared += attributes.get("t") == "s"
        if self._widths:
            width = self._widths.get(attributes.get("s", ""), 0)
            if width:
                self._survey.zero(self._extent, (self._row, self._column), width)

    def _go_to(self, reference: str) -> None:
        matched = _REFERENCE.fullmatch(reference)
        if matched is None:
            raise FileRefused("A cell of the workbook is at no place. Save it anew in Excel.")
        self._column = 0
        for letter in matched[1]:
            self._column = self._column * 26 + ord(letter) - 64
        self._row = int(matched[2])

    def _grow(self) -> None:
        self._last = max(self._last, self._row)
        self._widest = max(self._widest, self._column)
        self._extent.area = self._last * self._widest
        if self._last > MAX_PHYSICAL_ROWS or self._extent.area > MAX_AREA:
            raise FileRefused(
                f"The sheet reaches to row {self._last:,}, column {self._widest:,}. Delete the"
                " rows and columns that are not used, or divide it."
            )
