"""The mutations about ports."""

from typing import Annotated

import strawberry

from resolvers import port_acts
from resolvers.ids import Reading
from schema.node import Info
from schema.port_inputs import (
    AddPortCommentInput,
    CancelPortProjectInput,
    CreatePortProjectInput,
    SubmitPortProjectInput,
    UpdatePortProjectInput,
)
from schema.port_number_inputs import (
    ActivatePortNumbersInput,
    ApplySuggestedFixesInput,
    RemovePortNumbersInput,
    RevalidatePortNumbersInput,
    UpdatePortNumbersInput,
)
from schema.port_payloads import (
    ApplySuggestedFixesPayload,
    LintPortFilePayload,
    PortProjectPayload,
    UploadPortFilePayload,
)
from schema.port_uploads import LintPortFileInput, UploadPortDocumentInput, UploadPortFileInput

DATA = strawberry.argument(name="input", description="Everything the act needs.")


@strawberry.type
class PortMutation:
    """A part of Mutation; never published by itself."""

    @strawberry.field(
        description="Judges a file of numbers and keeps nothing of it. Needs PORT_LINT."
    )
    async def lint_port_file(
        self, info: Info, asked: Annotated[LintPortFileInput, DATA]
    ) -> LintPortFilePayload:
        """By workflow."""
        command = asked.command(info.context)
        return LintPortFilePayload.of(await port_acts.lint(info.context, command))

    @strawberry.field(description="Begins a port project. Needs PORT_EDIT.")
    async def create_port_project(
        self, info: Info, asked: Annotated[CreatePortProjectInput, DATA]
    ) -> PortProjectPayload:
        """By workflow."""
        ids = Reading()
        command = asked.command(ids, info.context)
        return PortProjectPayload.of(await port_acts.create(info.context, command), ids)

    @strawberry.field(
        description="Changes fields of a project that is not submitted. Needs PORT_EDIT."
    )
    async def update_port_project(
        self, info: Info, asked: Annotated[UpdatePortProjectInput, DATA]
    ) -> PortProjectPayload:
        """By workflow."""
        ids = Reading()
        done = await port_acts.update(info.context, asked.command(ids))
        return PortProjectPayload.of(done, ids)

    @strawberry.field(
        description=(
            "Takes the numbers of a file into a project and has them checked. Needs PORT_EDIT. "
            "Rows with errors are left out and reported; numbers that are there already get the "
            "fields of the file. `portValidationProgress` tells how far the carrier is."
        )
    )
    async def upload_port_file(
        self, info: Info, asked: Annotated[UploadPortFileInput, DATA]
    ) -> UploadPortFilePayload:
        """By workflow."""
        ids = Reading()
        done = await port_acts.upload(info.context, asked.command(ids))
        return UploadPortFilePayload.of(done, ids)

    @strawberry.field(description="Edits rows in place, all of them or none. Needs PORT_EDIT.")
    async def update_port_numbers(
        self, info: Info, asked: Annotated[UpdatePortNumbersInput, DATA]
    ) -> PortProjectPayload:
        """By workflow."""
        ids = Reading()
        done = await port_acts.change_numbers(info.context, asked.command(ids))
        return PortProjectPayload.of(done, ids)

    @strawberry.field(
        description=(
            "Takes over what the carrier suggests, and has those rows checked again. With "
            "`dryRun` it only says what would change. Needs PORT_EDIT."
        )
    )
    async def apply_suggested_fixes(
        self, info: Info, asked: Annotated[ApplySuggestedFixesInput, DATA]
    ) -> ApplySuggestedFixesPayload:
        """By workflow."""
        ids = Reading()
        done = await port_acts.apply_fixes(info.context, asked.command(ids))
        return ApplySuggestedFixesPayload.of(done, ids)

    @strawberry.field(description="Takes rows out of a project. Needs PORT_EDIT.")
    async def remove_port_numbers(
        self, info: Info, asked: Annotated[RemovePortNumbersInput, DATA]
    ) -> PortProjectPayload:
        """By workflow."""
        ids = Reading()
        done = await port_acts.remove_numbers(info.context, asked.command(ids))
        return PortProjectPayload.of(done, ids)

    @strawberry.field(description="Has rows checked again by the carrier. Needs PORT_EDIT.")
    async def revalidate_port_numbers(
        self, info: Info, asked: Annotated[RevalidatePortNumbersInput, DATA]
    ) -> PortProjectPayload:
        """By workflow."""
        ids = Reading()
        done = await port_acts.revalidate(info.context, asked.command(ids))
        return PortProjectPayload.of(done, ids)

    @strawberry.field(
        description=(
            "Attaches a document. Needs PORT_EDIT, for a letter of authorization PORT_SUBMIT. A "
            "letter counts for the numbers that the project has at that moment: see `loa`."
        )
    )
    async def upload_port_document(
        self, info: Info, asked: Annotated[UploadPortDocumentInput, DATA]
    ) -> PortProjectPayload:
        """By workflow."""
        ids = Reading()
        done = await port_acts.upload_document(info.context, asked.command(ids))
        return PortProjectPayload.of(done, ids)

    @strawberry.field(
        description=(
            "Sends a validated project off for a day of activation. Needs PORT_SUBMIT. It asks "
            "for a good letter (LOA_REQUIRED) and a day that `focCalendar` allows "
            "(FOC_DATE_NOT_ALLOWED)."
        )
    )
    async def submit_port_project(
        self, info: Info, asked: Annotated[SubmitPortProjectInput, DATA]
    ) -> PortProjectPayload:
        """By workflow."""
        ids = Reading()
        done = await port_acts.submit(info.context, asked.command(ids))
        return PortProjectPayload.of(done, ids)

    @strawberry.field(
        description=(
            "Calls a project off, until 24 hours before its numbers are switched over. Needs "
            "PORT_SUBMIT. It is CANCELLING until the carrier has confirmed."
        )
    )
    async def cancel_port_project(
        self, info: Info, asked: Annotated[CancelPortProjectInput, DATA]
    ) -> PortProjectPayload:
        """By workflow."""
        ids = Reading()
        done = await port_acts.cancel(info.context, asked.command(ids))
        return PortProjectPayload.of(done, ids)

    @strawberry.field(description="Has numbers of a project switched over now. For staff.")
    async def activate_port_numbers(
        self, info: Info, asked: Annotated[ActivatePortNumbersInput, DATA]
    ) -> PortProjectPayload:
        """By workflow."""
        ids = Reading()
        done = await port_acts.activate(info.context, asked.command(ids))
        return PortProjectPayload.of(done, ids)

    @strawberry.field(
        description="Writes something to everybody who works on a project. Needs PORT_EDIT."
    )
    async def add_port_comment(
        self, info: Info, asked: Annotated[AddPortCommentInput, DATA]
    ) -> PortProjectPayload:
        """By workflow."""
        ids = Reading()
        done = await port_acts.comment(info.context, asked.command(ids))
        return PortProjectPayload.of(done, ids)
