"""Tree → the bits of the numbers that match.

What belongs to a block (place, NPA, NXX) is compared once a block. What can change is compared once
a *distinct seeded value*, and then once for each number that was changed: those are few.
"""

import re
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from teliport.sandbox import bits
from teliport.sandbox.inventory import Inventory
from teliport.sandbox.numbers import STATUSES, Number, Ported
from teliport.sandbox.query.tree import And, Column, Field, Node, Operator, Or
from teliport.sandbox.seeding import Block

Matches = Callable[[str], bool]

_OF_BLOCK: dict[Field, Callable[[Block], str | int | None]] = {
    Field.NPA: lambda block: block.npa,
    Field.NXX: lambda block: block.nxx,
    Field.STATE: lambda block: block.locale.state,
    Field.LOCALITY: lambda block: block.locale.locality,
    Field.LATA: lambda block: block.locale.lata,
    Field.LATA_NAME: lambda block: block.locale.lata_name,
    Field.RATE_CENTER: lambda block: block.locale.rate_center,
}


def evaluate(tree: Node, inventory: Inventory) -> int:
    """The bits of every number for which the tree holds."""
    match tree:
        case And(parts):
            found = inventory.register.everything
            for part in parts:
                found &= evaluate(part, inventory)
        case Or(parts):
            found = 0
            for part in parts:
                found |= evaluate(part, inventory)
        case _:
            found = 0
            for column in tree.columns:
                found |= _compared(column, tree.operator, tree.values, inventory)
    return found


def of_ported(ported: Ported, inventory: Inventory) -> int:
    """The bits of the numbers that were ported this way."""
    column = Column(Field.PORTED)
    return _of_changeable(_reader(column), lambda value: value == ported.value, inventory)


def _compared(
    column: Column, operator: Operator, values: tuple[str, ...], inventory: Inventory
) -> int:
    positive = Operator.EQUAL if operator is Operator.UNEQUAL else operator
    lowered = tuple(value.lower() for value in values)
    if column.field is Field.TN:
        found = _of_tn(positive, lowered, inventory)
    else:
        found = _of_column(column, _matches(positive, lowered), inventory)
    # "Unequal" is the rest, so a number without a value is unequal to every value.
    return inventory.register.everything ^ found if operator is Operator.UNEQUAL else found


def _matches(operator: Operator, values: tuple[str, ...]) -> Matches:
    if operator in (Operator.EQUAL, Operator.IN):
        return frozenset(values).__contains__
    (wanted,) = values
    if operator is Operator.CONTAINS:
        return lambda value: wanted in value
    if operator is Operator.STARTS_WITH:
        return lambda value: value.startswith(wanted)
    return lambda value: value.endswith(wanted)


def _of_column(column: Column, matches: Matches, inventory: Inventory) -> int:
    if column.field in _OF_BLOCK:
        return _of_blocks(_OF_BLOCK[column.field], matches, inventory)
    match column.field:
        case Field.SPID:
            return inventory.register.everything if matches(inventory.config.spid.lower()) else 0
        case Field.STATUS:
            masks = (inventory.with_status(s) for s in STATUSES if matches(s.value.lower()))
            return _union(masks)
        case _:
            return _of_changeable(_reader(column), matches, inventory)


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _of_blocks(
    read: Callable[[Block], str | int | None], matches: Matches, inventory: Inventory
) -> int:
    def holds(block: Block) -> bool:
        value = read(block)
        return value is not None and matches(str(value).lower())

    seeded = _union(bits.span(b.start, b.count) for b in inventory.seeded.blocks if holds(b))
    foreign = (block.start for block in inventory.register.foreign if holds(block))
    return seeded | bits.of_positions(foreign, inventory.register.size)


def _reader(column: Column) -> Callable[[Number], Any]:
    match column.field:
        case Field.PORTED:
            return lambda number: number.ported.value
        case Field.RESERVED_BY:
            return lambda number: number.reserved_by
        case Field.APPLICATION_ID:
            return lambda number: number.application_id
        case _:
            return lambda number: (number.metadata or {}).get(column.key)


def _of_changeable(read: Callable[[Number], Any], matches: Matches, inventory: Inventory) -> int:
    def holds(number: Number) -> bool:
        value = read(number)
        return value is not None and matches(_text(value).lower())

    seeded = _union(mask for mask, number in inventory.seeded.kinds if holds(number))
    changed = (at for at, number in inventory.changed.items() if holds(number))
    size = inventory.register.size
    return seeded & ~inventory.changed_mask | bits.of_positions(changed, size)


def _text(value: Any) -> str:
    """A metadata value as text; JSON's words for the truth values."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_tn(operator: Operator, values: tuple[str, ...], inventory: Inventory) -> int:
    register = inventory.register
    if operator in (Operator.EQUAL, Operator.IN):
        whole = (int(value) for value in values if re.fullmatch(r"[0-9]{10}", value))
        found = (register.find(tn) for tn in whole)
        return bits.of_positions((at for at in found if at is not None), register.size)
    pattern = re.escape(values[0])
    # Every number is ten digits and a comma: a match cannot run over into the next one unless the
    # value holds a comma itself, and then it is no part of any number.
    if operator is Operator.STARTS_WITH:
        pattern = rf"(?<![0-9]){pattern}"
    if operator is Operator.ENDS_WITH:
        pattern = rf"{pattern}(?=,)"
    if not values[0].isdigit():
        return 0
    matched = re.finditer(pattern, inventory.seeded.digits)
    foreign = (block.start for block in register.foreign if re.search(pattern, f"{block.first},"))
    positions = chain((match.start() // 11 for match in matched), foreign)
    return bits.of_positions(positions, register.size)
