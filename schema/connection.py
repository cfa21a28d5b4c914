"""Lists: keyset connections after the Relay specification, with `nodes` beside `edges`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import strawberry

from resolvers.paging import Page

N = TypeVar("N")
Row = TypeVar("Row")
Count = Callable[[], Awaitable[int | None]]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="More entries follow.")
    has_previous_page: bool = strawberry.field(description="Entries come before.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first entry, if any.")
    end_cursor: str | None = strawberry.field(
        description="Where this page ends: the `after` of the next one."
    )

    @classmethod
    def of(cls, page: Page[Row]) -> "PageInfo":
        """Of a page of rows."""
        return cls(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.end_cursor,
        )


@strawberry.type(description="An entry of a list with its place in it.")
class Edge(Generic[N]):
    """An entry and its cursor."""

    cursor: str = strawberry.field(description="Give it as `after` to read on from here.")
    node: N = strawberry.field(description="The entry.")


@strawberry.type(description="A page of a list: 20 entries unless told, 1 to 100.")
class Connection(Generic[N]):
    """A page; `total_count` is only counted when it is selected."""

    edges: list[Edge[N]] = strawberry.field(description="The entries with their cursors.")
    nodes: list[N] = strawberry.field(description="The entries alone.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    count: strawberry.Private[Count]

    @strawberry.field(description="How many there are in all; counted only when selected.")
    async def total_count(self) -> int | None:
        """Counts now."""
        return await self.count()


def edges_of(nodes: Sequence[N], cursors: Sequence[str]) -> list[Edge[N]]:
    """Each entry with its cursor."""
    return [Edge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes, strict=True)]


def connection(page: Page[Row], made: Callable[[Row], N], count: Count) -> Connection[N]:
    """A page of rows as the public list; `made` turns a row into its type."""
    nodes = [made(row) for row in page.rows]
    return Connection(
        edges=edges_of(nodes, page.cursors),
        nodes=nodes,
        page_info=PageInfo.of(page),
        count=count,
    )
