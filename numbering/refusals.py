"""The lawful "no": every way in which a well-meant request can be turned down.

A refusal is a state of the world, not a defect. It is raised on any floor, stored as JSON on items,
operations and idempotency rows, and shown to the client as a `UserError`. Each message says the way
out and never tells one customer about another. Numbers inside are plain E.164 text, because
`numbering.telephone` itself refuses with these classes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

from numbering.place import Place
from numbering.port_refusals import FileRefused, FocDateNotAllowed, LoaRequired, NotPortable
from numbering.refusal import BY_CODE, Refusal, RefusalCode

__all__ = [
    "BY_CODE",
    "Alternative",
    "CarrierUnavailable",
    "Conflict",
    "FileRefused",
    "FocDateNotAllowed",
    "HeldByOther",
    "HoldExpired",
    "Invalid",
    "KeyReused",
    "LimitExceeded",
    "LoaRequired",
    "NotFound",
    "NotPortable",
    "NumberUnavailable",
    "PriceChanged",
    "RateLimited",
    "Refusal",
    "RefusalCode",
    "Wait",
    "WrongState",
]


class Invalid(Refusal):
    """The input breaks a rule; changing it is the way out."""

    default_code = RefusalCode.INVALID


class NotFound(Refusal):
    """Nothing of that kind among the customer's own; the same words for unknown and foreign ids."""

    default_code = RefusalCode.NOT_FOUND

    def __init__(
        self, what: str = "object", *, message: str | None = None, path: Iterable[str] = ()
    ) -> None:
        super().__init__(
            message or f"No such {what} here. Check the id, or list what you have.", path=path
        )


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another number that was free a moment ago; its price and features follow from these two."""

    number: str
    place: Place


class NumberUnavailable(Refusal):
    """The number cannot be had: used or held outside WARP, aged, ported away or unknown."""

    default_code = RefusalCode.NUMBER_UNAVAILABLE

    def __init__(
        self,
        number: str,
        alternatives: Iterable[Alternative] = (),
        *,
        message: str | None = None,
        path: Iterable[str] = (),
    ) -> None:
        self.number = str(number)
        self.alternatives = tuple(alternatives)
        super().__init__(
            message or f"{number} is not available. Choose another number or search again.",
            path=path,
        )

    def data(self) -> dict[str, Any]:
        """The number and what may be taken instead."""
        return {
            "number": self.number,
            "alternatives": [
                {"number": str(a.number), "place": asdict(a.place)} for a in self.alternatives
            ],
        }

    @classmethod
    def restored(cls, message: str, data: Mapping[str, Any]) -> Self:
        """Alternatives come back with their places."""
        alternatives = (Alternative(a["number"], Place(**a["place"])) for a in data["alternatives"])
        return cls(data["number"], alternatives, message=message)


class HeldByOther(Refusal):
    """A live hold of another WARP customer is on the number (decisions 7); never whose."""

    default_code = RefusalCode.HELD_BY_OTHER
    default_retryable = True

    def __init__(
        self, number: str, *, message: str | None = None, path: Iterable[str] = ()
    ) -> None:
        self.number = str(number)
        super().__init__(
            message
            or f"{number} is on hold by someone else for up to 15 minutes. "
            "Choose another number, or try again later.",
            path=path,
        )

    def data(self) -> dict[str, Any]:
        """The number asked for."""
        return {"number": self.number}


class HoldExpired(Refusal):
    """The hold ran out before it was assigned; it is not renewed silently (decisions 6)."""

    default_code = RefusalCode.RESERVATION_EXPIRED

    def __init__(
        self,
        message: str = "The hold has expired. Search again and reserve the number once more.",
        *,
        path: Iterable[str] = (),
    ) -> None:
        super().__init__(message, path=path)


class WrongState(Refusal):
    """The thing is not in a state that allows this; `allowed_next` names the moves that are."""

    default_code = RefusalCode.WRONG_STATE

    def __init__(
        self,
        state: str,
        allowed_next: Iterable[str] = (),
        *,
        message: str | None = None,
        path: Iterable[str] = (),
    ) -> None:
        self.state = str(state)
        self.allowed_next = tuple(str(allowed) for allowed in allowed_next)
        ways = ", ".join(self.allowed_next) or "none, it is final"
        super().__init__(
            message or f"Not possible in the state {self.state}. Allowed next: {ways}.", path=path
        )

    def data(self) -> dict[str, Any]:
        """The state found and the ways out of it."""
        return {"state": self.state, "allowed_next": list(self.allowed_next)}


class LimitExceeded(Refusal):
    """More than `limit` of something in one request."""

    default_code = RefusalCode.LIMIT_EXCEEDED

    def __init__(
        self,
        limit: int,
        what: str = "entries",
        *,
        message: str | None = None,
        path: Iterable[str] = (),
    ) -> None:
        self.limit = limit
        super().__init__(
            message or f"At most {limit} {what} at once. Split the request.", path=path
        )

    def data(self) -> dict[str, Any]:
        """The limit."""
        return {"limit": self.limit}


class KeyReused(Refusal):
    """One idempotency key, two different inputs."""

    default_code = RefusalCode.IDEMPOTENCY_KEY_REUSED

    def __init__(
        self,
        message: str = "This idempotencyKey was used with another input. "
        "Repeat that input unchanged, or take a new key for the new one.",
        *,
        path: Iterable[str] = ("idempotencyKey",),
    ) -> None:
        super().__init__(message, path=path)


class Wait(Refusal):
    """The carrier cannot serve this now; `retry_after` is in whole seconds where it is known."""

    default_retryable = True
    sentence: ClassVar[str] = "Try again"

    def __init__(
        self,
        retry_after: float | None = None,
        *,
        message: str | None = None,
        path: Iterable[str] = (),
    ) -> None:
        # Rounded up: a client that waits as told must not come a moment too early.
        self.retry_after = None if retry_after is None else max(1, -int(-retry_after // 1))
        when = "in a moment" if self.retry_after is None else f"in {self.retry_after} s"
        super().__init__(message or f"{self.sentence} {when}.", path=path)

    def data(self) -> dict[str, Any]:
        """Seconds to wait."""
        return {"retry_after": self.retry_after}


class RateLimited(Wait):
    """The platform's budget of carrier requests is spent for now (decisions 3)."""

    default_code = RefusalCode.RATE_LIMITED
    sentence = "The carrier's request budget is used up. Try again"


class CarrierUnavailable(Wait):
    """The carrier does not answer, or not in a way that can be trusted."""

    default_code = RefusalCode.UPSTREAM_UNAVAILABLE
    sentence = "The carrier cannot be reached. Try again"


class Conflict(Refusal):
    """Something else is under way on the same number or record."""

    default_code = RefusalCode.CONFLICT
    default_retryable = True

    def __init__(
        self,
        message: str = "Another operation on this number is still running. "
        "Wait until it ends, then try again.",
        *,
        path: Iterable[str] = (),
    ) -> None:
        super().__init__(message, path=path)


class PriceChanged(Refusal):
    """The total is above what the caller agreed to pay."""

    default_code = RefusalCode.PRICE_CHANGED

    def __init__(
        self,
        message: str = "The monthly total is above maxMonthlyTotal. "
        "Look at the prices again and send the total that you accept.",
        *,
        path: Iterable[str] = ("maxMonthlyTotal",),
    ) -> None:
        super().__init__(message, path=path)
