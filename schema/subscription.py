"""The subscriptions: what stands first, then every change, to the end."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry
from strawberry import UNSET

from resolvers import port_watching, watching
from resolvers.ids import NodeKind, asked_for
from schema.arguments import Id, ProjectId, Sequence, given
from schema.node import Info
from schema.operations import Incident, Operation
from schema.port_history import PortEvent
from schema.port_progress import PortValidationProgress
from schema.reservations import Reservation


@strawberry.type(
    description=(
        "What stands comes first, then every change. Each event is the whole object as it stands, "
        "with its `sequence`; changes in quick succession may come as one. About ports each event "
        "comes as it was. Pass the last sequence as `after` to go on after a break. The stream "
        "completes when nothing more can happen. "
        "There is no event for each second: count down from `expiresAt` and `serverTime`."
    )
)
class Subscription:
    """All subscriptions."""

    @strawberry.subscription(
        description=(
            "A reservation, until it is DONE, EXPIRED or RELEASED. Needs DIDS_READ. An unknown id "
            "and one of another customer are BAD_USER_INPUT."
        )
    )
    async def reservation_updated(
        self, info: Info, id_: Id, after: Sequence = UNSET
    ) -> AsyncGenerator[Reservation, None]:
        """Followed."""
        value = asked_for(id_, NodeKind.RESERVATION, "id")
        async with aclosing(watching.reservation(info.context, value, given(after))) as rows:
            async for row in rows:
                yield Reservation.of(row)

    @strawberry.subscription(
        description=(
            "An operation, until it is SUCCEEDED or FAILED. Needs DIDS_READ. An unknown id and one "
            "of another customer are BAD_USER_INPUT."
        )
    )
    async def operation_updated(
        self, info: Info, id_: Id, after: Sequence = UNSET
    ) -> AsyncGenerator[Operation, None]:
        """Followed."""
        value = asked_for(id_, NodeKind.OPERATION, "id")
        async with aclosing(watching.operation(info.context, value, given(after))) as rows:
            async for row in rows:
                yield Operation.of(row)

    @strawberry.subscription(
        description=(
            "Incidents that are open (at most 100, oldest first), then each one that is opened. "
            "For staff. It never completes; the same incident may come twice."
        )
    )
    async def incident_opened(self, info: Info) -> AsyncGenerator[Incident, None]:
        """Followed."""
        async with aclosing(watching.opened_incidents(info.context)) as rows:
            async for row in rows:
                yield Incident.of(row)

    @strawberry.subscription(
        description=(
            "How far the checking of a port project is: every event in order, each once. Needs "
            "PORT_READ. With `after` it begins with all that came since. It completes with "
            "VALIDATED, NEEDS_FIXES or CANCELLED, if that is the latest; a DRAFT waits. An unknown "
            "id and one of another customer are BAD_USER_INPUT."
        )
    )
    async def port_validation_progress(
        self, info: Info, project_id: ProjectId, after: Sequence = UNSET
    ) -> AsyncGenerator[PortValidationProgress, None]:
        """Followed."""
        value = asked_for(project_id, NodeKind.PORT_PROJECT, "projectId")
        followed = port_watching.progress(info.context, value, given(after))
        async with aclosing(followed) as events:
            async for event in events:
                yield PortValidationProgress.of(event)

    @strawberry.subscription(
        description=(
            "What happens in a port project, the latest line first, then every new one; with "
            "`after` all that came since. Needs PORT_READ. It completes once the project is "
            "COMPLETE or CANCELLED. An unknown id and one of another customer are BAD_USER_INPUT."
        )
    )
    async def port_project_events(
        self, info: Info, project_id: ProjectId, after: Sequence = UNSET
    ) -> AsyncGenerator[PortEvent, None]:
        """Followed."""
        value = asked_for(project_id, NodeKind.PORT_PROJECT, "projectId")
        async with aclosing(port_watching.history(info.context, value, given(after))) as rows:
            async for row in rows:
                yield PortEvent.of(row)
