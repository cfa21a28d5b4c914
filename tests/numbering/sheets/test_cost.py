"""What a file of 10 000 rows costs, measured in processes of its own."""

from pathlib import Path

import pytest

from tests.bench import files

MEGABYTE = 1_000_000


@pytest.mark.alone
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_ten_thousand_rows_take_two_seconds_and_seventy_megabytes(
    kind: str, tmp_path: Path
) -> None:
    file = next(file for file in files.write(tmp_path) if file.suffix == f".{kind}")
    got = min((files.measured("ours", file) for _ in range(3)), key=lambda got: got["cpu"])
    assert got["rows"] == files.ROWS
    # Of the processor: what else runs on the machine does not count.
    assert got["cpu"] < 2
    assert got["bytes"] < 70 * MEGABYTE
