"""Port projects to create, change, check and call off: the inputs."""

from datetime import date
from typing import Any

import strawberry
from strawberry import ID, UNSET

from resolvers import procurement
from resolvers.context import Context
from resolvers.ids import NodeKind, Reading
from schema.arguments import given
from schema.procurement import KEY
from workflows import port_commands as commands

PROJECT = "The port project."
FIELDS = (
    "name",
    "description",
    "losing_carrier",
    "requested_foc_date",
    "authorized_person",
    "authorized_title",
)


def given_fields(asked: object, names: tuple[str, ...]) -> Any:
    """Those of the named fields that were given, null included."""
    return {name: v for name in names if (v := getattr(asked, name)) is not UNSET}


def some(ids: Reading, texts: list[ID] | None) -> Any:
    """The rows that were named; None when none was."""
    named = given(texts)
    return None if named is None else ids.many(named, NodeKind.PORT_NUMBER, "portNumberIds")


def project_of(ids: Reading, text: ID) -> Any:
    """The project that was named."""
    return ids.one(text, NodeKind.PORT_PROJECT, "projectId")


@strawberry.input(description="A port project to begin.")
class CreatePortProjectInput:
    """What it is called, and what is known already."""

    name: str = strawberry.field(description="A name, 1 to 120 characters.")
    description: str | None = strawberry.field(default=UNSET, description="Notes.")
    customer_id: ID | None = strawberry.field(
        default=UNSET,
        description="For whom. Staff have to say; others may leave it out, it is their own.",
    )
    losing_carrier: str | None = strawberry.field(
        default=UNSET, description="The carrier that the numbers come from."
    )
    requested_foc_date: date | None = strawberry.field(
        default=UNSET, description="The day that is wished for: one that could be had now."
    )
    authorized_person: str | None = strawberry.field(
        default=UNSET, description="Who may decide on the account at the losing carrier."
    )
    authorized_title: str | None = strawberry.field(
        default=UNSET, description="What that person is there."
    )
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading, ctx: Context) -> commands.CreatePortProject:
        """As the workflow takes it."""
        return commands.CreatePortProject(
            customer_id=procurement.customer_for(ctx, ids, given(self.customer_id)),
            name=self.name,
            description=given(self.description),
            losing_carrier=given(self.losing_carrier),
            requested_foc_date=given(self.requested_foc_date),
            authorized_person=given(self.authorized_person),
            authorized_title=given(self.authorized_title),
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(
    description="Fields of a port project to change. An absent one stays, null clears it."
)
class UpdatePortProjectInput:
    """What to change, while it is not submitted."""

    project_id: ID = strawberry.field(description=PROJECT)
    name: str | None = strawberry.field(default=UNSET, description="A name; null is refused.")
    description: str | None = strawberry.field(default=UNSET, description="Notes.")
    losing_carrier: str | None = strawberry.field(
        default=UNSET, description="The carrier that the numbers come from."
    )
    requested_foc_date: date | None = strawberry.field(
        default=UNSET, description="The day that is wished for: one of `focCalendar`."
    )
    authorized_person: str | None = strawberry.field(
        default=UNSET, description="Who may decide on the account at the losing carrier."
    )
    authorized_title: str | None = strawberry.field(
        default=UNSET, description="What that person is there."
    )
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.UpdatePortProject:
        """As the workflow takes it."""
        return commands.UpdatePortProject(
            project_id=project_of(ids, self.project_id),
            changes=given_fields(self, FIELDS),
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="A validated port project to send off.")
class SubmitPortProjectInput:
    """Which, and for which day."""

    project_id: ID = strawberry.field(description=PROJECT)
    foc_date: date = strawberry.field(description="For which day: one that `focCalendar` allows.")
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.SubmitPortProject:
        """As the workflow takes it."""
        return commands.SubmitPortProject(
            project_id=project_of(ids, self.project_id),
            foc_date=self.foc_date,
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="A port project to call off.")
class CancelPortProjectInput:
    """Which, and why."""

    project_id: ID = strawberry.field(description=PROJECT)
    reason: str = strawberry.field(description="Why; kept in the history and the audit.")
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.CancelPortProject:
        """As the workflow takes it."""
        return commands.CancelPortProject(
            project_id=project_of(ids, self.project_id),
            reason=self.reason,
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="Something to write about a port project.")
class AddPortCommentInput:
    """What to say."""

    project_id: ID = strawberry.field(description=PROJECT)
    text: str = strawberry.field(description="The text: everybody who sees the project reads it.")
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.AddPortComment:
        """As the workflow takes it."""
        return commands.AddPortComment(
            project_id=project_of(ids, self.project_id),
            text=self.text,
            idempotency_key=self.idempotency_key,
        )
