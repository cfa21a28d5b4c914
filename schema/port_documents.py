"""Documents of a port project, and whether its letter of authorization is good."""

from datetime import date, datetime

import strawberry

from resolvers import port_documents
from resolvers.ids import NodeKind, encode
from resolvers.port_documents import Document, Loa
from schema.node import Info, Node, of_kind
from schema.port_enums import LoaState, PortDocumentKind


@of_kind(NodeKind.PORT_DOCUMENT)
@strawberry.type(description="A document of a port project.")
class PortDocument(Node):
    """A letter, a bill or something else."""

    row: strawberry.Private[Document]
    kind: PortDocumentKind = strawberry.field(description="What it is.")
    file_name: str = strawberry.field(description="The name it was uploaded with.")
    size_bytes: int = strawberry.field(description="How many bytes.")
    sha256: str = strawberry.field(description="SHA-256 of its content, 64 hexadecimal digits.")
    uploaded_at: datetime = strawberry.field(description="When it was uploaded.")

    @strawberry.field(
        description='Who uploaded it. Customers see the platform\'s own people as "WARP staff".'
    )
    def uploaded_by(self, info: Info) -> str:
        """Masked for customers."""
        return port_documents.uploader_shown(info.context, self.row)

    @strawberry.field(
        description="Where to download it, good for 10 minutes: do not keep it, ask again."
    )
    def url(self, info: Info) -> str:
        """Signed now."""
        return port_documents.link(info.context, self.row)

    @classmethod
    def of(cls, row: Document) -> "PortDocument":
        """Of a row."""
        return cls(
            id=strawberry.ID(encode(NodeKind.PORT_DOCUMENT, row.id)),
            row=row,
            kind=row.kind,
            file_name=row.file_name,
            size_bytes=row.size_bytes,
            sha256=row.sha256,
            uploaded_at=row.uploaded_at,
        )


@strawberry.type(description="Whether the letter of authorization of a port project is good.")
class LoaStatus:
    """The verdict on the latest letter."""

    state: LoaState = strawberry.field(description="Whether it can be submitted with.")
    reason: str | None = strawberry.field(description="Why not; null when it is good.")
    signed_by: str | None = strawberry.field(description="Who signed the latest letter.")
    signed_on: date | None = strawberry.field(description="When, as stated on upload.")
    document: PortDocument | None = strawberry.field(description="The latest letter.")

    @classmethod
    def of(cls, found: Loa) -> "LoaStatus":
        """Of a verdict."""
        row = found.document
        return cls(
            state=found.state,
            reason=found.reason,
            signed_by=None if row is None else row.signed_by,
            signed_on=None if row is None else row.signed_on,
            document=None if row is None else PortDocument.of(row),
        )
