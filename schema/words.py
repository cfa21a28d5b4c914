"""How an enum of a lower floor becomes part of the contract."""

from collections.abc import Mapping
from enum import StrEnum

import strawberry


def publish(
    enum: type[StrEnum], description: str, values: Mapping[str, str], name: str | None = None
) -> None:
    """Makes it an enum of the schema; KeyError for a value without a description.

    Call it before any type has a field of the enum: Strawberry would publish it without words.
    """
    strawberry.enum(enum, name=name, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]
