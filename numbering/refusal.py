"""What a lawful "no" is: its code, and how it is stored, read back and pointed into the input.

The kinds are in `numbering.refusals`, which is the module to import; this one is their ground.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, Self


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

    def __init_subclass__(cls) -> None:
        """A class that names its code is the one that `from_json` gives back for it."""
        if "default_code" in vars(cls):
            BY_CODE[cls.default_code] = cls

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


BY_CODE: dict[RefusalCode, type[Refusal]] = {}
"""The class of each code; codes that are missing carry no data and come back as plain `Refusal`."""
