"""The lawful "no": every way in which a well-meant request can be turned down.

A refusal is a state of the world, not a defect. It is raised on any floor, stored as JSON on items,
operations and idempotency rows, and shown to the client as a `UserError`. Each message says the way
out and never tells one customer about another. Numbers inside are plain E.164 text, because
`numbering.telephone` itself refuses with these classes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self

from numbering.place import Place


class RefusalCode(StrEnum):
    """Exactly the `UserErrorCode` of the public schema."""

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    NUMBER_UNAVAILABLE = "NUMBER_UNAVAILABLE"
    HELD_BY_OTHER = "HELD_BY_OTHER"
    RESERVATION_EXPIRED = "RESERVATION_EXPIRED"
    WRONG_STATE = "WRONG_STATE"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    RATE_LIMITED = "RATE_LIMITED"
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE"
    CONFLICT = "CONFLICT"
    PRICE_CHANGED = "PRICE_CHANGED"
    FOC_DATE_NOT_ALLOWED = "FOC_DATE_NOT_ALLOWED"
    LOA_REQUIRED = "LOA_REQUIRED"
    NOT_PORTABLE = "NOT_PORTABLE"
    FILE_REFUSED = "FILE_REFUSED"


class Refusal(Exception):
    """A request that cannot be granted; `path` points into the input, e.g. `("numbers", "2")`.

    The class itself serves the codes that carry no data of their own; `from_json` gives back the
    subclass that belongs to the code. `retryable` means: the same request may succeed later.
    """

    default_code: ClassVar[RefusalCode] = RefusalCode.CONFLICT
    default_retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        code: RefusalCode | None = None,
        path: Iterable[str] = (),
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.path: tuple[str, ...] = tuple(path)
        self.retryable = self.default_retryable if retryable is None else retryable

    def data(self) -> dict[str, Any]:
        """What this kind of refusal knows beyond code and message, as JSON."""
        return {}

    @classmethod
    def restored(cls, message: str, data: Mapping[str, Any]) -> Self:
        """Rebuild from `data()`, whose keys are arguments here; `from_json` does the rest."""
        return cls(message=message, **data)

    def as_json(self) -> dict[str, Any]:
        """The stored form; `from_json` reads it back without loss."""
        return {
            "code": self.code.value,
            "message": self.message,
            "path": list(self.path),
            "retryable": self.retryable,
            "data": self.data(),
        }

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> "Refusal":
        """Read what `as_json` wrote; ValueError for a code that this release does not know."""
        code = RefusalCode(stored["code"])
        refusal = BY_CODE.get(code, Refusal).restored(stored["message"], stored.get("data") or {})
        refusal.code = code
        refusal.path = tuple(stored.get("path") or ())
        refusal.retryable = bool(stored.get("retryable"))
        return refusal

    def at(self, *path: str) -> Self:
        """The same refusal, pointing further in: `error.at("numbers", "2")`; the original stays."""
        moved = type(self).__new__(type(self), *self.args)
        moved.__dict__.update(self.__dict__)
        moved.path = (*path, *self.path)
        return moved


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


BY_CODE: dict[RefusalCode, type[Refusal]] = {
    kind.default_code: kind
    for kind in (
        Invalid,
        NotFound,
        NumberUnavailable,
        HeldByOther,
        HoldExpired,
        WrongState,
        LimitExceeded,
        KeyReused,
        RateLimited,
        CarrierUnavailable,
        Conflict,
        PriceChanged,
    )
}
"""Codes that are missing here carry no data and come back as plain `Refusal`."""
