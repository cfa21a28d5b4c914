"""What staff do with incidents: inputs and payloads."""

import strawberry
from strawberry import ID

from resolvers.ids import NodeKind, Reading
from resolvers.procurement import Done
from schema.errors import UserError
from schema.operations import Incident
from schema.procurement import KEY, errors_of
from workflows import commands


@strawberry.input(description="An incident whose operation shall be tried again.")
class RetryIncidentInput:
    """What to retry, and why."""

    incident_id: ID = strawberry.field(description="The incident.")
    reason: str = strawberry.field(description="Why it should work now; kept in the audit.")
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.RetryIncident:
        """As the workflow takes it."""
        return commands.RetryIncident(
            incident_id=ids.one(self.incident_id, NodeKind.INCIDENT, "incidentId"),
            reason=self.reason,
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="An incident that was settled by hand.")
class ResolveIncidentInput:
    """What to close, and how it was settled."""

    incident_id: ID = strawberry.field(description="The incident.")
    resolution: str = strawberry.field(description="How it was settled; kept in the audit.")
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.ResolveIncident:
        """As the workflow takes it."""
        return commands.ResolveIncident(
            incident_id=ids.one(self.incident_id, NodeKind.INCIDENT, "incidentId"),
            resolution=self.resolution,
            idempotency_key=self.idempotency_key,
        )


@strawberry.type(description="What `retryIncident` did.")
class RetryIncidentPayload:
    """An incident that is being tried again."""

    incident: Incident | None = strawberry.field(description="The incident as it stands.")
    errors: list[UserError] = strawberry.field(description="What was refused, by path.")

    @classmethod
    def of(cls, done: Done, ids: Reading) -> "RetryIncidentPayload":
        """Of what stands."""
        return cls(incident=incident_of(done), errors=errors_of(done, ids))


@strawberry.type(description="What `resolveIncident` did.")
class ResolveIncidentPayload:
    """An incident that is closed."""

    incident: Incident | None = strawberry.field(description="The incident as it stands.")
    errors: list[UserError] = strawberry.field(description="What was refused, by path.")

    @classmethod
    def of(cls, done: Done, ids: Reading) -> "ResolveIncidentPayload":
        """Of what stands."""
        return cls(incident=incident_of(done), errors=errors_of(done, ids))


def incident_of(done: Done) -> Incident | None:
    """The incident as it stands."""
    return None if done.incident is None else Incident.of(done.incident)
