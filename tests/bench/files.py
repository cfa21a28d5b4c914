"""Port files of 10 000 rows: ours, beside readers that judge nothing. Also run by a test.

Each measurement is a process of its own: `python -m tests.bench.files <reader> <file>` prints
seconds and bytes of memory on top of the idle process.
"""

import csv
import io
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import psutil
from python_calamine import CalamineWorkbook

from numbering import port_sheet
from tests.bench.ground import table

ROOT = Path(__file__).parents[2]
ROWS = 10_000
HEADINGS = port_sheet.COLUMNS


def rows() -> list[list[str]]:
    """Rows as customers have them: every fourth without PIN, some wrong, some twice."""
    return [
        [
            f"{3032000000 + i % 9_900 * 37}",
            ("Verizon", "AT&T", "Lumen, Inc.")[i % 3],
            "1234",
            "3035551200",
            f"ACC-{i:06}",
            "" if i % 4 == 0 else f"{1000 + i % 9_000}",
            f"Floor {i % 40}, office {i}",
        ]
        for i in range(ROWS)
    ]


def write(folder: Path) -> tuple[Path, Path]:
    """The same rows as CSV and as a workbook, with numbers and formats of zeros in it."""
    text, book = folder / "numbers.csv", folder / "numbers.xlsx"
    with text.open("w", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows()])
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(HEADINGS)
    for number, *middle, pin, notes in rows():
        sheet.append([int(number), *middle, int(pin) if pin else None, notes])
        sheet.cell(sheet.max_row, 6).number_format = "0000"
    workbook.save(book)
    return text, book


def ours(content: bytes) -> int:
    """Read and judge."""
    return port_sheet.read(content, "numbers").total


def dictionaries(content: bytes) -> int:
    """csv.DictReader alone."""
    return len(list(csv.DictReader(io.StringIO(content.decode()))))


def calamine(content: bytes) -> int:
    """The reader that ours stands on, alone."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return len(book.get_sheet_by_index(0).to_python()) - 1


def openpyxl_in_full(content: bytes) -> int:
    """openpyxl as most programs use it."""
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    return sum(1 for _ in sheet.iter_rows(values_only=True)) - 1


def openpyxl_streaming(content: bytes) -> int:
    """openpyxl in its read-only mode."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, read_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)) - 1


READERS: dict[str, Callable[[bytes], int]] = {
    reader.__name__: reader
    for reader in (ours, dictionaries, calamine, openpyxl_in_full, openpyxl_streaming)
}


class Peak(threading.Thread):
    """Looks at the memory of this process every millisecond until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process()
        self._stopped = threading.Event()
        self.before = self.most = self._process.memory_info().rss

    def run(self) -> None:
        """Keep the highest that was seen."""
        while not self._stopped.wait(0.001):
            self._look()

    def _look(self) -> None:
        self.most = max(self.most, self._process.memory_info().rss)

    def stop(self) -> int:
        """Bytes on top of the start."""
        self._look()
        self._stopped.set()
        return self.most - self.before


def measure(reader: str, file: Path) -> dict[str, float]:
    """One reading in this process: wall and CPU seconds, bytes on top, rows."""
    content = file.read_bytes()
    peak = Peak()
    peak.start()
    wall, processor = time.perf_counter(), time.process_time()
    total = READERS[reader](content)
    seconds, busy = time.perf_counter() - wall, time.process_time() - processor
    return {"seconds": seconds, "cpu": busy, "bytes": peak.stop(), "rows": total}


def measured(reader: str, file: Path) -> dict[str, float]:
    """The same in a fresh process."""
    out = subprocess.run(
        [sys.executable, "-m", "tests.bench.files", reader, str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return dict(json.loads(out))


def run() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        text, book = write(Path(folder))
        pairs = [("ours", text), ("dictionaries", text), ("ours", book), ("calamine", book)]
        pairs += [("openpyxl_streaming", book), ("openpyxl_in_full", book)]
        lines = []
        for reader, file in pairs:
            got = measured(reader, file)
            seconds, megabytes = f"{got['seconds']:.2f}", f"{got['bytes'] / 1e6:.0f}"
            lines.append([file.suffix[1:], reader, seconds, f"{got['cpu']:.2f}", megabytes])
    head = ["file", "reader", "seconds", "CPU seconds", "MB on top"]
    table(f"A port file of {ROWS:,} rows and 7 columns", head, lines)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
