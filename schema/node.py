"""What every object with an id of its own has in common, and how each is made of its row."""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

from resolvers.context import Context
from resolvers.ids import NodeKind

Info = strawberry.Info[Context, None]
T = TypeVar("T")

_OF: dict[NodeKind, Callable[[Any], "Node"]] = {}


@strawberry.interface(description="An object with a global id; `node(id)` reads it again.")
class Node:
    """The interface behind `node` and `nodes`."""

    id: strawberry.ID = strawberry.field(
        description="Opaque and stable. Keep it as it is; never take it apart."
    )


def of_kind(kind: NodeKind) -> Callable[[T], T]:
    """Registers a type under the kind its ids name; the type has `of(row)`."""

    def register(cls: T) -> T:
        _OF[kind] = cls.of  # type: ignore[attr-defined]
        return cls

    return register


def made(kind: NodeKind, row: Any) -> Any:
    """The object of a row, where importing its type would go in a circle (Customer.dids)."""
    return _OF[kind](row)


def published() -> tuple[type, ...]:
    """Every type that `node` can answer."""
    return tuple(of.__self__ for of in _OF.values())  # type: ignore[attr-defined]
