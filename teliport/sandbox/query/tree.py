"""The tree of a query, and its canonical text (`parsedQuery`)."""

from dataclasses import dataclass
from enum import StrEnum

from teliport.sandbox.numbers import NumberStatus, Ported


class Field(StrEnum):
    """What can be asked about; `metadata.<key>` comes on top."""

    STATUS = "status"
    NPA = "npa"
    NXX = "nxx"
    TN = "tn"
    STATE = "state"
    LOCALITY = "locality"
    LATA = "lata"
    LATA_NAME = "lata_name"
    RATE_CENTER = "rate_center"
    PORTED = "ported"
    SPID = "spid"
    RESERVED_BY = "reserved_by"
    APPLICATION_ID = "application_id"
    METADATA = "metadata"


METADATA_PREFIX = "metadata."
FIELD_NAMES = (*(field.value for field in Field if field is not Field.METADATA), "metadata.<key>")

# Fields whose values are known words: another one is a mistake, not an empty result.
CLOSED = {
    Field.STATUS: tuple(status.value for status in NumberStatus),
    Field.PORTED: tuple(ported.value for ported in Ported),
}


class Operator(StrEnum):
    """How a field is compared; always without regard to case."""

    EQUAL = "="
    UNEQUAL = "!="
    IN = "in"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"


OPERATOR_NAMES = tuple(operator.value for operator in Operator)


@dataclass(frozen=True, slots=True)
class Column:
    """A field as the query names it; `key` is set for `metadata.<key>` only."""

    field: Field
    key: str = ""

    def __str__(self) -> str:
        return METADATA_PREFIX + self.key if self.field is Field.METADATA else self.field.value


@dataclass(frozen=True, slots=True)
class Term:
    """`column (or column)* op value`: true when any of the columns compares so."""

    columns: tuple[Column, ...]
    operator: Operator
    values: tuple[str, ...]

    def __str__(self) -> str:
        columns = " or ".join(map(str, self.columns))
        values = ", ".join(map(_quoted, self.values))
        if self.operator is Operator.IN:
            values = f"({values})"
        return f"({columns} {self.operator.value} {values})"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return "(" + " and ".join(map(str, self.parts)) + ")"


@dataclass(frozen=True, slots=True)
class Or:
    """One part at least holds."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return "(" + " or ".join(map(str, self.parts)) + ")"


Node = Term | And | Or


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
