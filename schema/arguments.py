"""Arguments that many fields share, and what an absent one means."""

from typing import Annotated, TypeVar

import strawberry
from strawberry import ID, UNSET

V = TypeVar("V")

Id = Annotated[ID, strawberry.argument(name="id", description="Its id, as this API gave it.")]
ProjectId = Annotated[ID, strawberry.argument(description="The port project, by its id.")]
First = Annotated[
    int | None, strawberry.argument(description="How many entries, 1 to 100; null for the default.")
]
After = Annotated[
    str | None,
    strawberry.argument(description="Read on after this cursor (`pageInfo.endCursor`)."),
]
Last = Annotated[
    int | None,
    strawberry.argument(description="How many entries from the end, 1 to 100, instead of `first`."),
]
Before = Annotated[
    str | None,
    strawberry.argument(description="Read up to this cursor (`pageInfo.startCursor`)."),
]
Sequence = Annotated[
    int | None,
    strawberry.argument(
        description="The last `sequence` that you saw: what you know already is not sent again."
    ),
]


def given(value: V | None) -> V | None:
    """The value of an argument or input field whose absence means the same as null."""
    return None if value is UNSET else value
