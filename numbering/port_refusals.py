"""The lawful "no" to a port: a date, a letter, a file or a number that cannot be accepted."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Self

from numbering.refusal import Refusal, RefusalCode


class FocDateNotAllowed(Refusal):
    """The port cannot happen on that day; `reasons` are names of `numbering.foc.FocReason`."""

    default_code = RefusalCode.FOC_DATE_NOT_ALLOWED

    def __init__(
        self,
        reasons: Iterable[str],
        earliest: date | None,
        *,
        message: str | None = None,
        path: Iterable[str] = ("focDate",),
    ) -> None:
        self.reasons = tuple(str(reason) for reason in reasons)
        self.earliest = earliest
        way = f"The earliest is {earliest}" if earliest else "No day is possible now"
        super().__init__(
            message or f"Numbers cannot be ported on that day. {way}; see focCalendar.", path=path
        )

    def data(self) -> dict[str, Any]:
        """Why not, and the first day that is possible."""
        earliest = None if self.earliest is None else self.earliest.isoformat()
        return {"reasons": list(self.reasons), "earliest": earliest}

    @classmethod
    def restored(cls, message: str, data: Mapping[str, Any]) -> Self:
        """The day comes back as a date."""
        day = data["earliest"]
        return cls(data["reasons"], date.fromisoformat(day) if day else None, message=message)


class LoaRequired(Refusal):
    """No signed letter of authorization, or one that no longer counts."""

    default_code = RefusalCode.LOA_REQUIRED

    def __init__(
        self,
        message: str = "A signed letter of authorization is needed. Upload it as a document "
        "of kind LOA.",
        *,
        path: Iterable[str] = (),
    ) -> None:
        super().__init__(message, path=path)


class FileRefused(Refusal):
    """The file as a whole cannot be read; faults of single lines are no refusal."""

    default_code = RefusalCode.FILE_REFUSED

    def __init__(self, message: str, *, path: Iterable[str] = ("file",)) -> None:
        super().__init__(message, path=path)


class NotPortable(Refusal):
    """The number cannot be moved to this platform."""

    default_code = RefusalCode.NOT_PORTABLE

    def __init__(
        self,
        message: str = "This number cannot be ported. Remove it from the project.",
        *,
        path: Iterable[str] = (),
    ) -> None:
        super().__init__(message, path=path)
