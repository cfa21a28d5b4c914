"""The queries about ports."""

from typing import Annotated

import strawberry
from strawberry import ID, UNSET

from resolvers import port_files, porting
from resolvers.ids import NodeKind, asked_for
from resolvers.porting import ProjectQuestion
from schema.arguments import After, First, Id, given
from schema.connection import Connection
from schema.node import Info
from schema.port_enums import PortStatus
from schema.port_files import PortFileRule
from schema.port_projects import PortProject, project_pages


@strawberry.type
class PortQuery:
    """A part of Query; never published by itself."""

    @strawberry.field(description="One port project. Needs PORT_READ.")
    async def port_project(self, info: Info, id_: Id) -> PortProject | None:
        """By loader."""
        value = asked_for(id_, NodeKind.PORT_PROJECT, "id")
        row = await porting.by_id(info.context, value)
        return None if row is None else PortProject.of(row)

    @strawberry.field(
        description=(
            "Port projects, the newest first; with `stalled: true` only those that somebody has to "
            "look at, the longest stalled first. Needs PORT_READ."
        )
    )
    async def port_projects(
        self,
        info: Info,
        *,
        first: First = 20,
        after: After = UNSET,
        statuses: Annotated[
            list[PortStatus] | None, strawberry.argument(description="In one of these states.")
        ] = UNSET,
        customer_id: Annotated[
            ID | None, strawberry.argument(description="Of this customer: for staff.")
        ] = UNSET,
        stalled: Annotated[
            bool | None, strawberry.argument(description="Stalled, or not; null for both.")
        ] = UNSET,
    ) -> Connection[PortProject]:
        """A page."""
        where = porting.chosen(
            statuses=given(statuses), customer_id=given(customer_id), stalled=given(stalled)
        )
        return await project_pages(info, ProjectQuestion(where, first, given(after)))

    @strawberry.field(description="The rules that files of numbers are judged by.")
    def port_file_rules(self) -> list[PortFileRule]:
        """Of numbering's table."""
        return [PortFileRule.of(rule) for rule in port_files.rules()]
