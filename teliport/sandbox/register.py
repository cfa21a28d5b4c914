"""Where each number is: the seeded ones by position, and behind them those that were ported in.

A ported-in number is a block of its own. There are few, so only they cost time one by one.
"""

from bisect import bisect_left, insort

from teliport.sandbox import bits
from teliport.sandbox.geography import locale_of
from teliport.sandbox.seeding import Block, Seeded


class Register:
    """Position → number and the reverse, over a seeded inventory that does not change."""

    def __init__(self, seeded: Seeded) -> None:
        self.seeded = seeded
        self.size = len(seeded)
        self.foreign: list[Block] = []
        self._at: dict[int, int] = {}
        self._ordered: list[int] = []

    @property
    def everything(self) -> int:
        """The bits of all numbers."""
        return bits.span(0, self.size)

    def add(self, tn: int) -> int:
        """Take in a number that has no position yet, and return its new one."""
        position = self.size
        self.foreign.append(Block(tn, 1, position, locale_of(str(tn))))
        self._at[tn] = position
        insort(self._ordered, tn)
        self.size += 1
        return position

    def find(self, tn: int) -> int | None:
        """Where these ten digits are, or None when they are not in the inventory."""
        found = self.seeded.find(tn)
        return self._at.get(tn) if found is None else found

    def block(self, position: int) -> Block:
        """The block that this position lies in."""
        behind = position - len(self.seeded)
        return self.foreign[behind] if behind >= 0 else self.seeded.block(position)

    def tn(self, position: int) -> int:
        """The ten digits at this position."""
        block = self.block(position)
        return block.first + position - block.start

    def ordered(self, mask: int, skip: int, limit: int) -> list[int]:
        """Positions of set bits in the order of their numbers: `limit` after the first `skip`."""
        seeded = mask & bits.span(0, len(self.seeded))
        later = [tn for tn in self._ordered if mask >> self._at[tn] & 1]
        # The place of each ported-in number among all: those before it of both sorts.
        places = [i + (seeded & self._before(tn)).bit_count() for i, tn in enumerate(later)]
        first, end = bisect_left(places, skip), bisect_left(places, skip + limit)
        found = bits.positions(seeded, skip - first, limit - (end - first))
        for tn, place in zip(later[first:end], places[first:end], strict=True):
            found.insert(place - skip, self._at[tn])
        return found

    def _before(self, tn: int) -> int:
        seeded = self.seeded
        at = bisect_left(seeded.firsts, tn)
        return bits.span(0, seeded.starts[at] if at < len(seeded.starts) else len(seeded))
