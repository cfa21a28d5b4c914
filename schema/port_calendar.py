"""Which days a port can be submitted for."""

from datetime import date, datetime

import strawberry

from numbering import foc
from schema.port_enums import FocReason


@strawberry.type(description="One day of the calendar.")
class FocDay:
    """A day, and why not."""

    day: date = strawberry.field(name="date", description="The day.")
    allowed: bool = strawberry.field(description="It can be had.")
    rush: bool = strawberry.field(
        description="It can be had for the rush fee only: see `cost.rush`."
    )
    reasons: list[FocReason] = strawberry.field(description="Why it cannot be had; else empty.")
    holiday: str | None = strawberry.field(description="The name of the holiday, if it is one.")

    @classmethod
    def of(cls, day: foc.FocDay) -> "FocDay":
        """Of a verdict."""
        return cls(
            day=day.date,
            allowed=day.allowed,
            rush=day.rush,
            reasons=list(day.reasons),
            holiday=day.holiday,
        )


@strawberry.type(
    description="The days for which a port project can be submitted, as of this moment."
)
class FocCalendar:
    """A stretch of days."""

    time_zone: str = strawberry.field(
        description="The zone that the cutoff goes by: the westernmost of the numbers'."
    )
    earliest: date | None = strawberry.field(
        description="The first day that can be had, in this stretch or not; null if there is none."
    )
    cutoff: datetime | None = strawberry.field(
        description=(
            "Until when an order keeps these days; afterwards they move on. Null when no day can "
            "be had."
        )
    )
    days: list[FocDay] = strawberry.field(description="Each day of the stretch.")

    @classmethod
    def of(cls, found: foc.FocCalendar) -> "FocCalendar":
        """Of a calendar."""
        return cls(
            time_zone=found.time_zone,
            earliest=found.earliest,
            cutoff=found.cutoff,
            days=[FocDay.of(day) for day in found.days],
        )
