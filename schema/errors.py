"""Refusals as data: the `errors` of a payload, and the `error` of an item or operation."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry

from numbering import refusals
from numbering.refusals import Refusal
from resolvers import inventory
from schema.inventory import AvailableNumber
from schema.node import Info
from schema.port_enums import FocReason
from schema.scalars import E164
from schema.work_enums import RefusalCode


@strawberry.interface(
    description="Why a mutation, or one item of it, was turned down: a lawful no, not a fault."
)
class UserError:
    """What every refusal shows."""

    refusal: strawberry.Private[Refusal]
    code: RefusalCode = strawberry.field(description="What kind of no this is.")
    message: str = strawberry.field(description="For a person to read; it says the way out.")
    path: list[str] = strawberry.field(
        description='Which part of the input: `["numbers", "2"]` is the third number.'
    )
    retryable: bool = strawberry.field(description="The same input may succeed later.")


@strawberry.type(description="A refusal that says all in its message.")
class GenericError(UserError):
    """Code, message and path only."""


@strawberry.type(description="A number cannot be had, because somebody else has it.")
class NumberUnavailableError(UserError):
    """Codes NUMBER_UNAVAILABLE and HELD_BY_OTHER."""

    number: E164 = strawberry.field(description="The number in question.")

    @strawberry.field(description="Numbers nearby that were free a moment ago; may be empty.")
    def alternatives(self, info: Info) -> list[AvailableNumber]:
        """Priced now."""
        found = inventory.alternatives(info.context, self.refusal)
        return [AvailableNumber.of(each) for each in found]


@strawberry.type(description="The thing is in a state that does not allow this.")
class WrongStateError(UserError):
    """Code WRONG_STATE."""

    state: str = strawberry.field(description="The state it is in.")
    allowed_next: list[str] = strawberry.field(description="The states it may go to from there.")


@strawberry.type(description="Too many at once.")
class LimitError(UserError):
    """Code LIMIT_EXCEEDED."""

    limit: int = strawberry.field(description="How many are allowed.")


@strawberry.type(description="The carrier cannot serve this now.")
class UpstreamError(UserError):
    """Codes RATE_LIMITED and UPSTREAM_UNAVAILABLE."""

    retry_after_seconds: int | None = strawberry.field(
        description="When asking again makes sense, in seconds; null when nobody knows."
    )


@strawberry.type(description="Numbers cannot be ported on that day.")
class FocDateError(UserError):
    """Code FOC_DATE_NOT_ALLOWED."""

    reasons: list[FocReason] = strawberry.field(description="Why not.")
    earliest: date | None = strawberry.field(
        description="The first day that can be had; null if there is none."
    )


ERROR_TYPES = (
    GenericError,
    NumberUnavailableError,
    WrongStateError,
    LimitError,
    UpstreamError,
    FocDateError,
)


def user_error(refusal: Refusal) -> UserError:
    """A refusal in its public form."""
    shown: dict[str, Any] = {
        "refusal": refusal,
        "code": refusal.code,
        "message": refusal.message,
        "path": list(refusal.path),
        "retryable": refusal.retryable,
    }
    match refusal:
        case refusals.NumberUnavailable() | refusals.HeldByOther():
            return NumberUnavailableError(**shown, number=E164(refusal.number))
        case refusals.WrongState():
            allowed = list(refusal.allowed_next)
            return WrongStateError(**shown, state=refusal.state, allowed_next=allowed)
        case refusals.LimitExceeded():
            return LimitError(**shown, limit=refusal.limit)
        case refusals.FocDateNotAllowed():
            reasons = [FocReason(reason) for reason in refusal.reasons]
            return FocDateError(**shown, reasons=reasons, earliest=refusal.earliest)
        case refusals.Wait():
            return UpstreamError(**shown, retry_after_seconds=refusal.retry_after)
    return GenericError(**shown)


def stored_error(stored: Mapping[str, Any] | None) -> UserError | None:
    """A refusal that was kept on a row."""
    return None if stored is None else user_error(Refusal.from_json(stored))
