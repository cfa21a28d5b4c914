"""Files that come with a mutation: the inputs."""

from datetime import date

import strawberry
from strawberry import ID, UNSET

from resolvers.context import Context
from resolvers.ids import Reading
from schema.arguments import given
from schema.port_enums import PortDocumentKind
from schema.port_inputs import PROJECT, project_of
from schema.procurement import KEY
from schema.scalars import Upload
from workflows import port_commands as commands
from workflows.port_commands import UploadedFile

SHEET = "A CSV or XLSX file of at most 10 MB and 10 000 rows; `portFileRules` says how."


def uploaded(file: Upload) -> UploadedFile:
    """The file as the workflow takes it: it is in memory already."""
    # A file may stand in several places of one request, each read from its beginning.
    file.file.seek(0)
    return UploadedFile(name=file.filename or "", content=file.file.read())


@strawberry.input(description="A file to judge; nothing of it is kept.")
class LintPortFileInput:
    """What to judge."""

    file: Upload = strawberry.field(description=SHEET)

    def command(self, ctx: Context) -> commands.LintPortFile:
        """As the workflow takes it; staff act for nobody in particular."""
        return commands.LintPortFile(file=uploaded(self.file), customer_id=ctx.actor.customer_id)


@strawberry.input(description="A file of numbers for a port project.")
class UploadPortFileInput:
    """What to take in."""

    project_id: ID = strawberry.field(description=PROJECT)
    file: Upload = strawberry.field(description=SHEET)
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.UploadPortFile:
        """As the workflow takes it."""
        return commands.UploadPortFile(
            project_id=project_of(ids, self.project_id),
            file=uploaded(self.file),
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="A document for a port project.")
class UploadPortDocumentInput:
    """What to attach."""

    project_id: ID = strawberry.field(description=PROJECT)
    kind: PortDocumentKind = strawberry.field(description="What it is.")
    file: Upload = strawberry.field(
        description="A PDF of at most 10 MB; what is no letter may be a PNG or JPEG too."
    )
    signed_by: str | None = strawberry.field(
        default=UNSET, description="Who signed it; needed for LOA."
    )
    signed_on: date | None = strawberry.field(
        default=UNSET, description="When; needed for LOA, at most 30 days ago."
    )
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.UploadPortDocument:
        """As the workflow takes it."""
        return commands.UploadPortDocument(
            project_id=project_of(ids, self.project_id),
            kind=self.kind,
            file=uploaded(self.file),
            signed_by=given(self.signed_by),
            signed_on=given(self.signed_on),
            idempotency_key=self.idempotency_key,
        )
