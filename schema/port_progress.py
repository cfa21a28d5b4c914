"""How far the checking of a port project is."""

from datetime import datetime

import strawberry

from resolvers.ids import NodeKind, encode
from schema.port_enums import PortStatus
from workflows.port_progress import Progress


@strawberry.type(description="How far the carrier is with checking the numbers of a project.")
class PortValidationProgress:
    """A count with its place in the stream."""

    project_id: strawberry.ID = strawberry.field(description="The project.")
    sequence: int = strawberry.field(
        description="Grows by one with every change; give it as `after` to go on from here."
    )
    status: PortStatus = strawberry.field(description="Where the project stands.")
    total_count: int = strawberry.field(description="How many numbers the project has.")
    validated_count: int = strawberry.field(description="How many of them are checked.")
    valid_count: int = strawberry.field(description="How many of those passed.")
    invalid_count: int = strawberry.field(description="How many of those did not.")
    rate_per_second: float | None = strawberry.field(
        description="How many the carrier checks in a second; null unless it is checking."
    )
    eta_seconds: int | None = strawberry.field(
        description="When it will be through, in seconds; null when nobody knows."
    )
    updated_at: datetime = strawberry.field(description="When this was so.")
    stale: bool = strawberry.field(
        description="The carrier could not be asked lately: this is what it said last."
    )

    @classmethod
    def of(cls, found: Progress) -> "PortValidationProgress":
        """Of a count."""
        return cls(
            project_id=strawberry.ID(encode(NodeKind.PORT_PROJECT, found.project_id)),
            sequence=found.sequence,
            status=found.status,
            total_count=found.total_count,
            validated_count=found.validated_count,
            valid_count=found.valid_count,
            invalid_count=found.invalid_count,
            rate_per_second=found.rate_per_second,
            eta_seconds=found.eta_seconds,
            updated_at=found.updated_at,
            stale=found.stale,
        )
