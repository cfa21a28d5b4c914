"""Documents of port projects: who uploaded them, where they are, and whether the letter is good."""

from collections.abc import Sequence
from dataclasses import dataclass

from db import tables
from numbering import port_loa
from numbering.actors import STAFF_NAME
from numbering.port_loa import LoaState
from resolvers import clock
from resolvers.context import Context
from workflows import port_days

Document = tables.PortDocument


@dataclass(frozen=True)
class Loa:
    """The verdict on the latest letter, and the letter."""

    state: LoaState
    reason: str | None
    document: Document | None


async def documents(ctx: Context, project: tables.PortProject) -> Sequence[Document]:
    """A project's documents, the oldest first."""
    return await ctx.loaders.port_documents_of.load(project.id)


async def loa(ctx: Context, project: tables.PortProject) -> Loa:
    """Whether the latest letter of authorization is good, today and for these numbers: as `submit`.

    The numbers are only read where there is a letter.
    """
    letter = await ctx.loaders.port_loas.load(project.id)
    numbers = () if letter is None else await ctx.loaders.port_number_lists.load(project.id)
    state, reason = port_loa.judge(
        signed_on=None if letter is None else letter.signed_on,
        list_hash=None if letter is None else letter.list_hash,
        current_hash=port_loa.list_hash(numbers),
        today=port_days.today(await clock.server_time(ctx), numbers),
        has_document=letter is not None,
    )
    return Loa(state, reason, letter)


def uploader_shown(ctx: Context, document: Document) -> str:
    """Who uploaded it; customers do not learn which of the platform's people it was."""
    masked = document.uploaded_by_staff and not ctx.actor.is_staff
    return STAFF_NAME if masked else document.uploaded_by


def link(ctx: Context, document: Document) -> str:
    """Where to download it, for some minutes."""
    return ctx.services.document_link(document.id)
