"""Seed → inventory. The same seed gives the same numbers, byte for byte, on every Python.

Randomness is SHAKE-256 output, whose bytes no library version changes. Only three bytes a number
are kept; the rest of a record is worked out when somebody asks for it.
"""

import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

from teliport.sandbox import bits
from teliport.sandbox.geography import Locale, geography
from teliport.sandbox.numbers import PORTED, STATUSES, Number, NumberStatus, Ported
from teliport.sandbox.others import OTHERS, inhabited

EPOCH = 1_735_689_600
"""2025-01-01T00:00:00Z: the day on which a seeded inventory was last touched. Not "now": that would
make two starts of one seed differ."""

_DAY = 86_400
# Of 256 lots: how many a status draws. What is left is AVAILABLE (about 78 %).
_LOTS = (
    (NumberStatus.IN_USE, 31),
    (NumberStatus.RESERVED, 8),
    (NumberStatus.QUARANTINE, 10),
    (NumberStatus.PORTED_OUT, 7),
)
_PORTED_IN_LOTS = 13
# Codes with another meaning in every NPA: time, test, mass calling. 555 has fixed blocks only.
_SPECIAL_NXX = frozenset({555, 950, 958, 959, 976})


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive numbers of one place: `count` from `first` on, at positions from `start` on."""

    first: int
    count: int
    start: int
    locale: Locale

    @property
    def npa(self) -> str:
        """The area code."""
        return str(self.first // 10_000_000)

    @property
    def nxx(self) -> str:
        """The central office code."""
        return str(self.first // 10_000 % 1000)


@dataclass(frozen=True)
class Seeded:
    """A whole inventory as it was at the start: position → number and the reverse."""

    seed: int
    blocks: tuple[Block, ...]
    firsts: tuple[int, ...]
    starts: tuple[int, ...]
    statuses: bytes
    ported: bytes
    owners: bytes

    def __len__(self) -> int:
        return len(self.statuses)

    def block(self, position: int) -> Block:
        """The block that this position lies in."""
        return self.blocks[bisect_right(self.starts, position) - 1]

    def tn(self, position: int) -> int:
        """The ten digits at this position."""
        block = self.block(position)
        return block.first + position - block.start

    def find(self, tn: int) -> int | None:
        """Where these ten digits are, or None when they are not in the inventory."""
        at = bisect_right(self.firsts, tn) - 1
        if at < 0 or tn - self.blocks[at].first >= self.blocks[at].count:
            return None
        return self.blocks[at].start + tn - self.blocks[at].first

    def number(self, position: int) -> Number:
        """The number as it was at the start."""
        status, ported = STATUSES[self.statuses[position]], PORTED[self.ported[position]]
        number = Number(
            status=status, ported=ported, updated_at=float(EPOCH - position % 90 * _DAY)
        )
        if ported is not Ported.NONE:
            number.last_port_at = number.updated_at - 30 * _DAY
        return inhabited(number, self.owners[position])

    @cached_property
    def by_status(self) -> dict[NumberStatus, int]:
        """The bits of the numbers of each status."""
        return {status: bits.of_codes(self.statuses, code) for code, status in enumerate(STATUSES)}

    @cached_property
    def kinds(self) -> tuple[tuple[int, Number], ...]:
        """(bits, example) of each sort of seeded number; within a sort only the dates differ."""
        sorts = product(_masks(self.statuses), _masks(self.ported), _masks(self.owners))
        return tuple(
            (mask, self.number((mask & -mask).bit_length() - 1))
            for status, ported, owner in sorts
            if (mask := status & ported & owner)
        )

    @cached_property
    def digits(self) -> str:
        """Every number in order, each followed by a comma."""
        return "".join(
            f"{tn},"
            for block in self.blocks
            for tn in range(block.first, block.first + block.count)
        )


def _of_lots(drawn: list[int]) -> bytes:
    """A translation of lots, with the drawn codes at the end: lot 0 is AVAILABLE and not ported."""
    return bytes(drawn).rjust(256, b"\0")


_STATUS_OF_LOT = _of_lots([STATUSES.index(s) for s, count in _LOTS for _ in range(count)])
_PORTED_OF_LOT = _of_lots([PORTED.index(Ported.IN)] * _PORTED_IN_LOTS)
_OWNER_OF_LOT = bytes(lot % len(OTHERS) for lot in range(256))


def _stream(seed: int, label: str, length: int) -> bytes:
    return hashlib.shake_256(f"{seed}:{label}".encode()).digest(length)


def _lawful(nxx: int, npa: str) -> bool:
    return nxx % 100 != 11 and nxx not in _SPECIAL_NXX and nxx != int(npa)


def _drawn_nxxs(seed: int, npa: str, wanted: int) -> list[int]:
    """`wanted` different central office codes of this NPA, in the order of the draw."""
    draws = _stream(seed, f"nxx:{npa}", wanted * 16)
    drawn: dict[int, None] = {}
    for at in range(0, len(draws), 2):
        nxx = 200 + int.from_bytes(draws[at : at + 2], "big") % 800
        if _lawful(nxx, npa):
            drawn[nxx] = None
    return list(drawn)[:wanted]


def _layout(seed: int) -> list[tuple[int, int, Locale]]:
    """(first, count, locale) of every block, in no order."""
    wanted: dict[str, list[Locale]] = {}
    for locale in geography().locales:
        for npa in locale.npas:
            wanted.setdefault(npa, []).extend([locale] * locale.blocks)
    laid = [(fixed.first, fixed.count, fixed.locale) for fixed in geography().fixed]
    for npa, locales in wanted.items():
        sizes = _stream(seed, f"size:{npa}", 2 * len(locales))
        nxxs = _drawn_nxxs(seed, npa, len(locales))
        for index, (nxx, locale) in enumerate(zip(nxxs, locales, strict=True)):
            first = (int(npa) * 1000 + nxx) * 10_000 + sizes[2 * index] % 10 * 1000
            laid.append((first, 400 + sizes[2 * index + 1] % 16 * 10, locale))
    return laid


@lru_cache(maxsize=2)
def seeded(seed: int) -> Seeded:
    """The inventory of this seed: about 130 000 numbers in a few milliseconds."""
    blocks: list[Block] = []
    statuses, ported, owners = bytearray(), bytearray(), bytearray()
    fixed = {block.first for block in geography().fixed}
    for first, count, locale in sorted(_layout(seed), key=lambda laid: laid[0]):
        blocks.append(Block(first, count, len(statuses), locale))
        lots = bytes(3 * count) if first in fixed else _stream(seed, f"lots:{first}", 3 * count)
        statuses += lots[:count].translate(_STATUS_OF_LOT)
        ported += lots[count : 2 * count].translate(_PORTED_OF_LOT)
        owners += lots[2 * count :].translate(_OWNER_OF_LOT)
    _mark_ported_out(statuses, ported)
    return Seeded(
        seed=seed,
        blocks=tuple(blocks),
        firsts=tuple(block.first for block in blocks),
        starts=tuple(block.start for block in blocks),
        statuses=bytes(statuses),
        ported=bytes(ported),
        owners=bytes(owners),
    )


def _mark_ported_out(statuses: bytearray, ported: bytearray) -> None:
    gone, out = STATUSES.index(NumberStatus.PORTED_OUT), PORTED.index(Ported.OUT)
    at = statuses.find(gone)
    while at >= 0:
        ported[at] = out
        at = statuses.find(gone, at + 1)


def _masks(codes: bytes) -> list[int]:
    return [bits.of_codes(codes, code) for code in sorted(set(codes))]
