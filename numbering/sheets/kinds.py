"""Which kind of file the bytes are, by themselves: names and content types lie."""

from numbering.port_refusals import FileRefused
from numbering.sheets import delimited, workbook
from numbering.sheets.grid import MAX_BYTES, Grid

_ZIP = b"PK"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
    b"Rar!": "a compressed file",
    b"{\\rtf": "a letter",
    b"<": "a web page or XML",
    b"\xef\xbb\xbf<": "a web page or XML",
}


def grid_of(content: bytes) -> Grid:
    """The rows of a CSV or Excel file; FileRefused, with what to do, for anything else."""
    if len(content) > MAX_BYTES:
        raise FileRefused(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB. Divide it.")
    if content.startswith(_ZIP):
        return workbook.grid_of(content)
    if content.startswith(_COMPOUND):
        raise FileRefused(_why_compound(content))
    for mark, what in _FOREIGN.items():
        if content.lstrip().startswith(mark):
            raise FileRefused(f"This is {what}, not a sheet. Send CSV or .xlsx.")
    return delimited.grid_of(content)


def _why_compound(content: bytes) -> str:
    """Old Excel files and encrypted new ones have the same wrapping."""
    if _ENCRYPTED in content:
        return "The workbook is protected by a password. Save it without one."
    return "This is an old Excel file (.xls). Save it as an Excel workbook (.xlsx) or as CSV."
