"""A port file, from bytes to a verdict on every row, without asking anybody.

`parse` reads the file once; then the caller looks up `parsed.numbers` in the database and `judge`
gives the sheet. Each row below the headings is exactly one of valid, invalid, duplicate and blank.
A file of 10 000 rows takes up to seconds of CPU: call from a thread.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from numbering.sheets import headings, kinds
from numbering.sheets.export import CarrierRow, write_csv
from numbering.sheets.grid import MAX_BYTES, MAX_ROWS, Cells, Grid, bounded
from numbering.sheets.headings import COLUMNS, Headings
from numbering.sheets.lines import Line, RowJudge, is_total
from numbering.sheets.rules import (
    RULES,
    Fault,
    FaultSeverity,
    PortFileCode,
    Rule,
    fault,
)
from numbering.sheets.words import LIMITS
from numbering.telephone import NumberType

__all__ = [
    "COLUMNS",
    "LIMITS",
    "MAX_BYTES",
    "MAX_ROWS",
    "RULES",
    "CarrierRow",
    "Fault",
    "FaultSeverity",
    "Known",
    "Line",
    "Parsed",
    "PortFileCode",
    "Rule",
    "Sheet",
    "judge",
    "parse",
    "read",
    "write_csv",
]


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says about numbers of the file (E.164).

    `in_open_project`: in another open project of the customer; `already_ours`: live on WARP;
    `type`: the kind of the numbers that the project has already, so that the file's must match.
    """

    in_open_project: frozenset[str] = frozenset()
    already_ours: frozenset[str] = frozenset()
    type: NumberType | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file whose rows were judged one by one; what they mean together is still open."""

    file_name: str
    format: str
    encoding: str | None
    delimiter: str | None
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    invalid: int
    blank: int

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers to look up, E.164."""
        return frozenset(line.number for line in self.lines)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The verdict. `lines` are the valid ones; total = valid + invalid + duplicate + blank."""

    file_name: str
    format: str
    encoding: str | None
    delimiter: str | None
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    total: int
    valid: int
    invalid: int
    duplicate: int
    blank: int


def read(content: bytes, file_name: str, *, known: Known | None = None) -> Sheet:
    """Parse and judge at once, for callers that know already; FileRefused as in `parse`."""
    return judge(parse(content, file_name), known or Known())


def parse(content: bytes, file_name: str) -> Parsed:
    """Read every row by itself; FileRefused when the file as a whole cannot be read.

    The content decides what kind of file it is; the name is only repeated.
    """
    grid = kinds.grid_of(content)
    rows = bounded(grid.rows)
    heads = headings.found(rows)
    return _Reader(file_name, grid, heads).parsed(rows)


@dataclass(slots=True)
class _Reader:
    """Goes through the rows below the headings."""

    file_name: str
    grid: Grid
    heads: Headings
    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    invalid: int = 0
    blank: int = 0

    def parsed(self, rows: Iterator[tuple[int, Cells]]) -> Parsed:
        self.faults += self.heads.faults()
        for place, cells in rows:
            self._take(place, cells)
        return Parsed(
            file_name=self.file_name,
            format=self.grid.format,
            encoding=self.grid.encoding,
            delimiter=self.grid.delimiter,
            columns=self.heads.columns(),
            lines=tuple(self.lines),
            faults=tuple(self.faults),
            invalid=self.invalid,
            blank=self.blank,
        )

    def _take(self, place: int, cells: Cells) -> None:
        first = next((cell for cell in cells if cell.strip()), None)
        named = {
            column: cells[at] if at < len(cells) else "" for column, at in self.heads.places.items()
        }
        if first is None or self.heads.repeated(cells) or is_total(named, first):
            self.blank += 1
            return
        judge_of_row = RowJudge(place, named)
        line = judge_of_row.line()
        slipped = any(cell.strip() for cell in cells[len(self.heads.cells) :])
        if slipped:
            self.faults.append(_slipped(place))
        self.faults += judge_of_row.faults
        if line is None or slipped:
            self.invalid += 1
        else:
            self.lines.append(line)


def _slipped(place: int) -> Fault:
    return fault(
        place,
        None,
        PortFileCode.UNKNOWN_COLUMN,
        "The row has more cells than there are headings. Put quotes around a value that contains"
        " the delimiter.",
        severity=FaultSeverity.ERROR,
    )


def judge(parsed: Parsed, known: Known) -> Sheet:
    """Judge the lines against each other and against what is known; no line is judged twice."""
    verdict = _Verdict(known)
    kept = [line for line in parsed.lines if verdict.admits(line)]
    kept = list(verdict.of_one_kind(kept))
    return Sheet(
        file_name=parsed.file_name,
        format=parsed.format,
        encoding=parsed.encoding,
        delimiter=parsed.delimiter,
        columns=parsed.columns,
        lines=tuple(kept),
        faults=tuple(sorted((*parsed.faults, *verdict.faults), key=lambda fault: fault.row)),
        total=len(parsed.lines) + parsed.invalid + parsed.blank,
        valid=len(kept),
        invalid=parsed.invalid + verdict.invalid,
        duplicate=verdict.duplicate,
        blank=parsed.blank,
    )


@dataclass(slots=True)
class _Verdict:
    """Counts and words about lines that are fine by themselves."""

    known: Known
    faults: list[Fault] = field(default_factory=list)
    invalid: int = 0
    duplicate: int = 0
    rows: dict[str, int] = field(default_factory=dict)

    def admits(self, line: Line) -> bool:
        """Whether the line stays; the first row with a number is the one that counts."""
        before = self.rows.setdefault(line.number, line.row)
        if before != line.row:
            self.duplicate += 1
            self._tell(
                line,
                PortFileCode.DUPLICATE_IN_FILE,
                f"The number stands in row {before} already. Delete one of the rows.",
            )
        elif line.number in self.known.already_ours:
            self.invalid += 1
            self._tell(line, PortFileCode.ALREADY_OURS, "The number is on WARP already.")
        elif line.number in self.known.in_open_project:
            self.duplicate += 1
            self._tell(
                line,
                PortFileCode.IN_OPEN_PROJECT,
                "Another open port project has this number. Remove it from one of them.",
            )
        else:
            return True
        return False

    def of_one_kind(self, lines: list[Line]) -> Iterator[Line]:
        """Local or toll-free: the kind that the project has, else the one of most lines."""
        kinds = Counter(line.number.type for line in lines)
        kept = self.known.type or next((kind for kind, _ in kinds.most_common(1)), None)
        for line in lines:
            if line.number.type is kept:
                yield line
                continue
            self.invalid += 1
            self._tell(
                line,
                PortFileCode.TOLL_FREE_MIXED,
                "Toll-free and local numbers cannot travel together. Use another project.",
            )

    def _tell(self, line: Line, code: PortFileCode, message: str) -> None:
        self.faults.append(
            fault(line.row, "telephone_number", code, message, value=line.number.national)
        )
