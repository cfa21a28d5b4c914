"""What people do with port projects: the right is checked here, the act is a workflow's."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from db import tables
from numbering.actors import Actor, Permission
from numbering.port_sheet import Sheet
from numbering.porting import PortDocumentKind
from numbering.refusals import Refusal
from resolvers.access import readable
from resolvers.batches import present
from resolvers.context import Context
from workflows import port_commands as commands
from workflows import porting
from workflows.accepted import Accepted
from workflows.wiring import Services

Command = TypeVar(
    "Command",
    commands.CreatePortProject,
    commands.UpdatePortProject,
    commands.UpdatePortNumbers,
    commands.RemovePortNumbers,
    commands.RevalidatePortNumbers,
    commands.UploadPortDocument,
    commands.SubmitPortProject,
    commands.CancelPortProject,
    commands.ActivatePortNumbers,
    commands.AddPortComment,
)
Act = Callable[[Services, Actor, Command], Awaitable[Accepted]]


@dataclass(frozen=True)
class FieldChange:
    """One field of one row that was mended, and the row as it stands."""

    row: tables.PortNumber
    field: str
    before: str | None
    after: str


@dataclass(frozen=True)
class PortDone:
    """What stands after an act, read afresh, and what was refused of it."""

    project: tables.PortProject | None = None
    sheet: Sheet | None = None
    changes: Sequence[FieldChange] = ()
    refusals: Sequence[Refusal] = ()


async def lint(ctx: Context, command: commands.LintPortFile) -> PortDone:
    """Judge a file against the numbers of the customer they act for, and keep nothing."""
    readable(ctx, Permission.PORT_LINT)
    try:
        return PortDone(sheet=await porting.lint(ctx.services, ctx.actor, command))
    except Refusal as refusal:
        return PortDone(refusals=[refusal])


async def create(ctx: Context, command: commands.CreatePortProject) -> PortDone:
    """Begin a project."""
    return await _carried_out(ctx, Permission.PORT_EDIT, porting.create, command)


async def update(ctx: Context, command: commands.UpdatePortProject) -> PortDone:
    """Change its fields."""
    return await _carried_out(ctx, Permission.PORT_EDIT, porting.update, command)


async def change_numbers(ctx: Context, command: commands.UpdatePortNumbers) -> PortDone:
    """Edit rows in place."""
    return await _carried_out(ctx, Permission.PORT_EDIT, porting.change_numbers, command)


async def remove_numbers(ctx: Context, command: commands.RemovePortNumbers) -> PortDone:
    """Take rows out."""
    return await _carried_out(ctx, Permission.PORT_EDIT, porting.remove_numbers, command)


async def revalidate(ctx: Context, command: commands.RevalidatePortNumbers) -> PortDone:
    """Have rows checked again."""
    return await _carried_out(ctx, Permission.PORT_EDIT, porting.revalidate, command)


async def upload_document(ctx: Context, command: commands.UploadPortDocument) -> PortDone:
    """Attach a document; a letter of authorization is a matter of those who may submit."""
    letter = command.kind is PortDocumentKind.LOA
    permission = Permission.PORT_SUBMIT if letter else Permission.PORT_EDIT
    return await _carried_out(ctx, permission, porting.upload_document, command)


async def submit(ctx: Context, command: commands.SubmitPortProject) -> PortDone:
    """Send it off."""
    return await _carried_out(ctx, Permission.PORT_SUBMIT, porting.submit, command)


async def cancel(ctx: Context, command: commands.CancelPortProject) -> PortDone:
    """Call it off."""
    return await _carried_out(ctx, Permission.PORT_SUBMIT, porting.cancel, command)


async def activate(ctx: Context, command: commands.ActivatePortNumbers) -> PortDone:
    """Have numbers switched over now."""
    return await _carried_out(ctx, Permission.STAFF, porting.activate, command)


async def comment(ctx: Context, command: commands.AddPortComment) -> PortDone:
    """Write something about it."""
    return await _carried_out(ctx, Permission.PORT_EDIT, porting.comment, command)


async def upload(ctx: Context, command: commands.UploadPortFile) -> PortDone:
    """Take the numbers of a file in."""
    readable(ctx, Permission.PORT_EDIT)
    answer = await porting.upload(ctx.services, ctx.actor, command)
    return await _done(ctx, answer.accepted, sheet=answer.sheet)


async def apply_fixes(ctx: Context, command: commands.ApplySuggestedFixes) -> PortDone:
    """Take over what the carrier suggests."""
    readable(ctx, Permission.PORT_EDIT)
    answer = await porting.apply_fixes(ctx.services, ctx.actor, command)
    return await _done(ctx, answer.accepted, changes=answer.changes)


async def _carried_out(
    ctx: Context, permission: Permission, act: Act[Command], command: Command
) -> PortDone:
    readable(ctx, permission)
    return await _done(ctx, await act(ctx.services, ctx.actor, command))


async def _done(
    ctx: Context,
    accepted: Accepted,
    *,
    sheet: Sheet | None = None,
    changes: Sequence[porting.FieldChange] = (),
) -> PortDone:
    ctx.loaders.forget()
    rows = await ctx.loaders.port_numbers.load_many([each.port_number_id for each in changes])
    return PortDone(
        project=await _project(ctx, accepted.port_project_id),
        sheet=sheet,
        changes=[
            FieldChange(present(row), each.field, each.before, each.after)
            for row, each in zip(rows, changes, strict=True)
        ],
        refusals=accepted.refusals,
    )


async def _project(ctx: Context, project_id: UUID | None) -> tables.PortProject | None:
    return None if project_id is None else await ctx.loaders.port_projects.load(project_id)
