"""Configuring numbers and giving them back: inputs and payloads."""

import strawberry
from strawberry import ID, UNSET

from resolvers.ids import NodeKind, Reading
from resolvers.procurement import Done
from schema.dids import Did
from schema.errors import UserError
from schema.procurement import KEY, RoutingInput, errors_of
from schema.scalars import JSONObject
from workflows import commands

PLAIN = (
    "friendly_name",
    "voice_enabled",
    "sms_enabled",
    "mms_enabled",
    "fax_enabled",
    "campaign_id",
    "cnam",
    "custom_fields",
)


@strawberry.input(description="What to change. An absent field stays as it is, null clears it.")
class DidChanges:
    """Changes to the configuration of dids."""

    friendly_name: str | None = strawberry.field(
        default=UNSET, description="The customer's name for it."
    )
    voice_enabled: bool | None = strawberry.field(default=UNSET, description="Calls on or off.")
    sms_enabled: bool | None = strawberry.field(default=UNSET, description="SMS on or off.")
    mms_enabled: bool | None = strawberry.field(default=UNSET, description="MMS on or off.")
    fax_enabled: bool | None = strawberry.field(default=UNSET, description="Fax on or off.")
    routing: RoutingInput | None = strawberry.field(
        default=UNSET, description="Where calls shall go; null for nowhere."
    )
    campaign_id: str | None = strawberry.field(
        default=UNSET, description="Campaign at The Campaign Registry, for messaging."
    )
    cnam: str | None = strawberry.field(
        default=UNSET,
        description=(
            "The caller's name shown to others: at most 15 characters, at least one letter, no "
            "blank in front; not for toll-free numbers."
        ),
    )
    e911_address_id: ID | None = strawberry.field(
        default=UNSET, description="One of the customer's validated emergency addresses."
    )
    custom_fields: JSONObject | None = strawberry.field(
        default=UNSET,
        description=(
            "Notes of your own, merged key by key; null as a value removes a key, null as a whole "
            "removes all. Flat: text, numbers and booleans. The platform's own keys are refused."
        ),
    )

    def request(self, ids: Reading) -> commands.DidChanges:
        """As the workflow takes it: only what was given."""
        changes: commands.DidChanges = {}
        for name in PLAIN:
            if (value := getattr(self, name)) is not UNSET:
                changes[name] = value  # type: ignore[literal-required]
        if self.routing is not UNSET:
            routing = self.routing
            changes["routing"] = (
                None if routing is None else routing.request(ids, "changes", "routing")
            )
        if self.e911_address_id is not UNSET:
            address = self.e911_address_id
            changes["e911_address_id"] = (
                None
                if address is None
                else ids.one(address, NodeKind.E911_ADDRESS, "changes", "e911AddressId")
            )
        return changes


@strawberry.input(description="Numbers to configure, all in the same way.")
class UpdateDidsInput:
    """What to change on which numbers."""

    did_ids: list[ID] = strawberry.field(description="1 to 100 numbers, by id.")
    changes: DidChanges = strawberry.field(description="What to change.")
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.UpdateDids:
        """As the workflow takes it."""
        return commands.UpdateDids(
            did_ids=ids.many(self.did_ids, NodeKind.DID, "didIds"),
            changes=self.changes.request(ids),
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="Numbers to give back to the carrier. This cannot be undone.")
class ReleaseDidsInput:
    """What to give back, and why."""

    did_ids: list[ID] = strawberry.field(description="1 to 100 numbers, by id.")
    reason: str = strawberry.field(description="Why; it is kept with the number and in the audit.")
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.ReleaseDids:
        """As the workflow takes it."""
        return commands.ReleaseDids(
            did_ids=ids.many(self.did_ids, NodeKind.DID, "didIds"),
            reason=self.reason,
            idempotency_key=self.idempotency_key,
        )


@strawberry.type(description="What `updateDids` did.")
class UpdateDidsPayload:
    """Configured numbers."""

    dids: list[Did] = strawberry.field(
        description="The numbers that were changed. `inSync` says whether the carrier knows yet."
    )
    errors: list[UserError] = strawberry.field(description="What was refused, by path.")

    @classmethod
    def of(cls, done: Done, ids: Reading) -> "UpdateDidsPayload":
        """Of what stands."""
        return cls(dids=[Did.of(row) for row in done.dids], errors=errors_of(done, ids))


@strawberry.type(description="What `releaseDids` did.")
class ReleaseDidsPayload:
    """Numbers on their way out."""

    dids: list[Did] = strawberry.field(
        description="The numbers that are given back: RELEASING until the carrier has confirmed."
    )
    errors: list[UserError] = strawberry.field(description="What was refused, by path.")

    @classmethod
    def of(cls, done: Done, ids: Reading) -> "ReleaseDidsPayload":
        """Of what stands."""
        return cls(dids=[Did.of(row) for row in done.dids], errors=errors_of(done, ids))
