"""Sets of numbers as bits of one big integer: bit *i* stands for the number at position *i*.

And, or and not over 120 000 numbers then take microseconds, and counting is `int.bit_count`.
"""

from collections.abc import Iterable

_CHUNK = 64


def span(start: int, length: int) -> int:
    """The bits of `length` positions from `start` on."""
    return ((1 << length) - 1) << start


def of_positions(positions: Iterable[int], size: int) -> int:
    """The bits of many single positions, in time linear in `size` rather than in their product."""
    cells = bytearray(size // 8 + 1)
    for position in positions:
        cells[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(cells, "little")


def of_codes(codes: bytes, code: int) -> int:
    """The bits of every position whose byte in `codes` is `code`."""
    digits = bytearray(b"0" * 256)
    digits[code] = ord("1")
    return int(codes.translate(bytes(digits))[::-1], 2) if codes else 0


def positions(mask: int, skip: int = 0, limit: int | None = None) -> list[int]:
    """Positions of set bits in ascending order: `limit` of them after the first `skip`."""
    cells = mask.to_bytes((mask.bit_length() + 7) // 8, "little")
    found: list[int] = []
    for start in range(0, len(cells), _CHUNK):
        chunk = int.from_bytes(cells[start : start + _CHUNK], "little")
        held = chunk.bit_count()
        if skip >= held:
            skip -= held
            continue
        found.extend(_bits(chunk, start * 8)[skip:])
        skip = 0
        if limit is not None and len(found) >= limit:
            return found[:limit]
    return found


def _bits(chunk: int, base: int) -> list[int]:
    found: list[int] = []
    while chunk:
        low = chunk & -chunk
        found.append(base + low.bit_length() - 1)
        chunk ^= low
    return found
