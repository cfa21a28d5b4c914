"""Workbooks for the tests: written by a library, and by hand where no library would."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import openpyxl

HEADINGS = ("telephone_number", "lsp_name", "lsp_spid", "btn", "account_number", "pin", "notes")
ROW = ("3035551234", "Verizon", "1234", "3035551200", "ACC-9876", "4321", "Main office")


def csv_of(*rows: str, end: str = "\n") -> bytes:
    """A CSV file of the seven headings and these rows."""
    return end.join((",".join(HEADINGS), *rows, "")).encode()


def xlsx(
    rows: Iterable[Sequence[Any]],
    *,
    formats: Mapping[str, str] | None = None,
    change: Callable[[openpyxl.Workbook], object] | None = None,
) -> bytes:
    """A workbook of one sheet; `formats` are number formats by cell."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(entries: Mapping[str, bytes]) -> bytes:
    """An archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_sheet(data: str, *, before: str = "", name: str = SHEET) -> bytes:
    """A plain workbook whose sheet data is this XML."""
    entries = parts(xlsx([HEADINGS]))
    entries[name] = (
        f'<?xml version="1.0"?>{before}'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{data}</sheetData></worksheet>"
    ).encode()
    return packed(entries)


def text_cell(place: str, text: str) -> str:
    """A cell with its text inside."""
    at = f' r="{place}"' if place else ""
    return f'<c{at} t="inlineStr"><is><t>{text}</t></is></c>'


def with_flag(content: bytes, flag: int) -> bytes:
    """The archive with a general purpose flag set on every entry, as encryption sets bit 0."""
    changed = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(signature)
        while at >= 0:
            (flags,) = struct.unpack_from("<H", changed, at + offset)
            struct.pack_into("<H", changed, at + offset, flags | flag)
            at = changed.find(signature, at + 4)
    return bytes(changed)


def with_claimed_size(content: bytes, size: int) -> bytes:
    """The archive whose directory claims this inflated size for every entry."""
    changed = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = changed.find(signature)
        while at >= 0:
            struct.pack_into("<I", changed, at + offset, size)
            at = changed.find(signature, at + 4)
    return bytes(changed)
