"""The mutations: a table of contents. Each asks for one business act."""

from typing import Annotated

import strawberry

from resolvers import notices, procurement
from resolvers.ids import Reading
from schema.configuration import (
    ReleaseDidsInput,
    ReleaseDidsPayload,
    UpdateDidsInput,
    UpdateDidsPayload,
)
from schema.node import Info
from schema.notices import UpdateNoticePreferencesInput, UpdateNoticePreferencesPayload
from schema.port_mutations import DATA, PortMutation
from schema.procurement import (
    AssignReservationInput,
    AssignReservationPayload,
    ReleaseReservationInput,
    ReleaseReservationPayload,
    ReserveNumbersInput,
    ReserveNumbersPayload,
)
from schema.repair import (
    ResolveIncidentInput,
    ResolveIncidentPayload,
    RetryIncidentInput,
    RetryIncidentPayload,
)


@strawberry.type(
    description=(
        "Each mutation takes one `input` and answers with what stands, and `errors` for what was "
        "refused. Nothing depends on the request staying open: what is not done within some "
        "seconds goes on, and subscriptions tell."
    )
)
class Mutation(PortMutation):
    """All mutations."""

    @strawberry.field(
        description=(
            "Holds up to 50 numbers for about 14 minutes, each by itself. Needs PROCURE. "
            "A number held by another customer is HELD_BY_OTHER, one that is gone "
            "NUMBER_UNAVAILABLE with alternatives."
        )
    )
    async def reserve_numbers(
        self, info: Info, asked: Annotated[ReserveNumbersInput, DATA]
    ) -> ReserveNumbersPayload:
        """By workflow."""
        ids = Reading()
        command = asked.command(ids, info.context)
        return ReserveNumbersPayload.of(await procurement.reserve(info.context, command), ids)

    @strawberry.field(description="Gives holds back, all of a reservation or some. Needs PROCURE.")
    async def release_reservation(
        self, info: Info, asked: Annotated[ReleaseReservationInput, DATA]
    ) -> ReleaseReservationPayload:
        """By workflow."""
        ids = Reading()
        done = await procurement.release_reservation(info.context, asked.command(ids))
        return ReleaseReservationPayload.of(done, ids)

    @strawberry.field(
        description=(
            "Buys held numbers. Needs PROCURE. What was bought stays bought, whatever becomes of "
            "the others; an expired hold is refused with RESERVATION_EXPIRED, never renewed."
        )
    )
    async def assign_reservation(
        self, info: Info, asked: Annotated[AssignReservationInput, DATA]
    ) -> AssignReservationPayload:
        """By workflow."""
        ids = Reading()
        done = await procurement.assign(info.context, asked.command(ids))
        return AssignReservationPayload.of(done, ids)

    @strawberry.field(
        description=(
            "Configures up to 100 numbers in the same way. Needs DIDS_UPDATE. It counts here at "
            "once; the carrier is told afterwards (`Did.inSync`)."
        )
    )
    async def update_dids(
        self, info: Info, asked: Annotated[UpdateDidsInput, DATA]
    ) -> UpdateDidsPayload:
        """By workflow."""
        ids = Reading()
        done = await procurement.update_dids(info.context, asked.command(ids))
        return UpdateDidsPayload.of(done, ids)

    @strawberry.field(
        description=(
            "Gives up to 100 numbers back for ever. Needs PROCURE. They are RELEASING until the "
            "carrier has confirmed, then DISCONNECTED."
        )
    )
    async def release_dids(
        self, info: Info, asked: Annotated[ReleaseDidsInput, DATA]
    ) -> ReleaseDidsPayload:
        """By workflow."""
        ids = Reading()
        done = await procurement.release_dids(info.context, asked.command(ids))
        return ReleaseDidsPayload.of(done, ids)

    @strawberry.field(description="Has the operation of an incident tried again. For staff.")
    async def retry_incident(
        self, info: Info, asked: Annotated[RetryIncidentInput, DATA]
    ) -> RetryIncidentPayload:
        """By workflow."""
        ids = Reading()
        done = await procurement.retry_incident(info.context, asked.command(ids))
        return RetryIncidentPayload.of(done, ids)

    @strawberry.field(
        description="Closes an incident that was settled by hand; ends its operation. For staff."
    )
    async def resolve_incident(
        self, info: Info, asked: Annotated[ResolveIncidentInput, DATA]
    ) -> ResolveIncidentPayload:
        """By workflow."""
        ids = Reading()
        done = await procurement.resolve_incident(info.context, asked.command(ids))
        return ResolveIncidentPayload.of(done, ids)

    @strawberry.field(
        description=(
            "Chooses who is told of what by e-mail; kinds that are not named stay as they are. "
            "Needs NOTICES_EDIT."
        )
    )
    async def update_notice_preferences(
        self, info: Info, asked: Annotated[UpdateNoticePreferencesInput, DATA]
    ) -> UpdateNoticePreferencesPayload:
        """By workflow."""
        ids = Reading()
        done = await notices.update(info.context, asked.command(ids, info.context))
        return UpdateNoticePreferencesPayload.of(done, ids)
