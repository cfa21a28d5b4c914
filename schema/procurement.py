"""Holding, buying and giving back holds: inputs and payloads."""

from decimal import Decimal

import strawberry
from strawberry import ID, UNSET

from resolvers import procurement
from resolvers.context import Context
from resolvers.ids import NodeKind, Reading
from resolvers.procurement import Done
from schema.arguments import given
from schema.dids import Did
from schema.errors import UserError, user_error
from schema.number_enums import RoutingType
from schema.reservations import Reservation
from schema.scalars import E164
from schema.work_enums import OnPartialAssign, OnPartialHold
from workflows import commands

KEY = (
    "1 to 255 characters, chosen by you, for example a UUID. The same key with the same input "
    "gives the same answer, however often it is sent, for 30 days; nothing happens twice."
)
SOME = "Only these of its numbers; without it, all that are held."


@strawberry.input(description="Where calls to a number shall go.")
class RoutingInput:
    """A routing."""

    type: RoutingType = strawberry.field(description="The kind of destination.")
    trunk_id: ID | None = strawberry.field(
        default=UNSET, description="One of the customer's trunks: for TRUNK, and only then."
    )
    destination: str | None = strawberry.field(
        default=UNSET,
        description="`sip:…` for SIP_URI, a telephone number for FORWARD, and only then.",
    )
    failover_destination: str | None = strawberry.field(
        default=UNSET,
        description="Where calls go when the destination does not answer: SIP address or number.",
    )

    def request(self, ids: Reading, *path: str) -> commands.RoutingRequest:
        """As the workflow takes it."""
        trunk = given(self.trunk_id)
        return commands.RoutingRequest(
            type=self.type,
            trunk_id=(None if trunk is None else ids.one(trunk, NodeKind.TRUNK, *path, "trunkId")),
            destination=given(self.destination),
            failover_destination=given(self.failover_destination),
        )


@strawberry.input(description="Numbers to hold for about 14 minutes.")
class ReserveNumbersInput:
    """What to hold."""

    numbers: list[E164] = strawberry.field(
        description="1 to 50 numbers in any notation. Each is judged by itself."
    )
    customer_id: ID | None = strawberry.field(
        default=UNSET,
        description="For whom. Staff have to say; others may leave it out, it is their own.",
    )
    on_partial: OnPartialHold = strawberry.field(
        default=OnPartialHold.KEEP, description="What to do when only some can be held."
    )
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading, ctx: Context) -> commands.ReserveNumbers:
        """As the workflow takes it."""
        return commands.ReserveNumbers(
            customer_id=procurement.customer_for(ctx, ids, given(self.customer_id)),
            numbers=tuple(self.numbers),
            on_partial=self.on_partial,
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="Holds to give back before they run out.")
class ReleaseReservationInput:
    """What to let go."""

    reservation_id: ID = strawberry.field(description="The reservation.")
    numbers: list[E164] | None = strawberry.field(default=UNSET, description=SOME)
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.ReleaseReservation:
        """As the workflow takes it."""
        return commands.ReleaseReservation(
            reservation_id=ids.one(self.reservation_id, NodeKind.RESERVATION, "reservationId"),
            numbers=_some(self.numbers),
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="Held numbers to buy.")
class AssignReservationInput:
    """What to buy, and how it shall be configured."""

    reservation_id: ID = strawberry.field(description="The reservation.")
    numbers: list[E164] | None = strawberry.field(default=UNSET, description=SOME)
    voice_enabled: bool = strawberry.field(default=True, description="Switch calls on.")
    sms_enabled: bool = strawberry.field(
        default=False, description="Switch SMS on; it also needs a campaign: see `readiness`."
    )
    routing: RoutingInput | None = strawberry.field(
        default=UNSET, description="Where calls shall go; without it, nowhere yet."
    )
    friendly_name: str | None = strawberry.field(
        default=UNSET, description="A name for these numbers."
    )
    max_monthly_total: Decimal | None = strawberry.field(
        default=UNSET,
        description='Buy nothing if all together cost more a month than this: `"12.50"`.',
    )
    on_partial: OnPartialAssign = strawberry.field(
        default=OnPartialAssign.KEEP_HOLDS,
        description="What to do with the other holds when only some can be bought.",
    )
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.AssignReservation:
        """As the workflow takes it."""
        routing = given(self.routing)
        return commands.AssignReservation(
            reservation_id=ids.one(self.reservation_id, NodeKind.RESERVATION, "reservationId"),
            numbers=_some(self.numbers),
            voice_enabled=self.voice_enabled,
            sms_enabled=self.sms_enabled,
            routing=None if routing is None else routing.request(ids, "routing"),
            friendly_name=given(self.friendly_name),
            max_monthly_total=given(self.max_monthly_total),
            on_partial=self.on_partial,
            idempotency_key=self.idempotency_key,
        )


def _some(numbers: list[E164] | None) -> tuple[str, ...] | None:
    named = given(numbers)
    return None if named is None else tuple(named)


def errors_of(done: Done, ids: Reading) -> list[UserError]:
    """What was refused, malformed ids as INVALID."""
    return [user_error(refusal) for refusal in ids.mended(done.refusals)]


def reservation_of(done: Done) -> Reservation | None:
    """The reservation as it stands."""
    return None if done.reservation is None else Reservation.of(done.reservation)


@strawberry.type(description="What `reserveNumbers` did.")
class ReserveNumbersPayload:
    """A new reservation."""

    reservation: Reservation | None = strawberry.field(
        description=(
            "The hold, with the state of each number; null when not one number was accepted. "
            "Numbers may still be PENDING: `reservationUpdated` tells."
        )
    )
    errors: list[UserError] = strawberry.field(description="What was refused, by path.")

    @classmethod
    def of(cls, done: Done, ids: Reading) -> "ReserveNumbersPayload":
        """Of what stands."""
        return cls(reservation=reservation_of(done), errors=errors_of(done, ids))


@strawberry.type(description="What `releaseReservation` did.")
class ReleaseReservationPayload:
    """A reservation with fewer holds."""

    reservation: Reservation | None = strawberry.field(description="The reservation as it stands.")
    errors: list[UserError] = strawberry.field(description="What was refused, by path.")

    @classmethod
    def of(cls, done: Done, ids: Reading) -> "ReleaseReservationPayload":
        """Of what stands."""
        return cls(reservation=reservation_of(done), errors=errors_of(done, ids))


@strawberry.type(description="What `assignReservation` did.")
class AssignReservationPayload:
    """Numbers that were bought."""

    reservation: Reservation | None = strawberry.field(
        description="The reservation as it stands. Items may still be ASSIGNING."
    )
    dids: list[Did] = strawberry.field(
        description="The numbers that are bought by now; the others follow on the items."
    )
    errors: list[UserError] = strawberry.field(description="What was refused, by path.")

    @classmethod
    def of(cls, done: Done, ids: Reading) -> "AssignReservationPayload":
        """Of what stands."""
        return cls(
            reservation=reservation_of(done),
            dids=[Did.of(row) for row in done.dids],
            errors=errors_of(done, ids),
        )
