"""From bytes to text: which encoding a CSV file is in, and what is not text at all."""

import codecs
from collections.abc import Iterable

from numbering.port_refusals import FileRefused

_MARKS = (
    # UTF-32 begins with the mark of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32 LE"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32 BE"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 LE"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 BE"),
)
_SAMPLE = 4096


def text_of(content: bytes) -> tuple[str, str]:
    """The text without its mark, and the encoding's name; FileRefused if it is none."""
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], ((codec, name),))
    return _decoded(content, _candidates(content[:_SAMPLE]))


def _candidates(sample: bytes) -> Iterable[tuple[str, str]]:
    """Half of the bytes of UTF-16 text in English are zero: the second or the first of each two."""
    if b"\0" not in sample:
        return (("utf-8", "UTF-8"), ("cp1252", "Windows-1252"))
    if sample[0::2].count(0) < sample[1::2].count(0):
        return (("utf-16-le", "UTF-16 LE"),)
    return (("utf-16-be", "UTF-16 BE"),)


def _decoded(content: bytes, candidates: Iterable[tuple[str, str]]) -> tuple[str, str]:
    for codec, name in candidates:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, name
    raise FileRefused(
        "The file is not text in a known encoding, or it is cut off. Save it as CSV UTF-8."
    )
