"""What the mutations about ports answer."""

import strawberry

from resolvers.ids import Reading
from resolvers.port_acts import FieldChange, PortDone
from schema.errors import UserError, user_error
from schema.port_files import PortFileReport
from schema.port_numbers import PortNumber
from schema.port_projects import PortProject

STANDS = "The project as it stands; null when there is no such project among yours."
REFUSED = "What was refused, by path."


def _project(done: PortDone) -> PortProject | None:
    return None if done.project is None else PortProject.of(done.project)


def _report(done: PortDone) -> PortFileReport | None:
    return None if done.sheet is None else PortFileReport.of(done.sheet)


def _errors(done: PortDone, ids: Reading) -> list[UserError]:
    return [user_error(refusal) for refusal in ids.mended(done.refusals)]


@strawberry.type(description="What a mutation about a port project did.")
class PortProjectPayload:
    """A project."""

    project: PortProject | None = strawberry.field(description=STANDS)
    errors: list[UserError] = strawberry.field(description=REFUSED)

    @classmethod
    def of(cls, done: PortDone, ids: Reading) -> "PortProjectPayload":
        """Of what stands."""
        return cls(project=_project(done), errors=_errors(done, ids))


@strawberry.type(description="What `lintPortFile` found.")
class LintPortFilePayload:
    """A report on a file that is not kept."""

    report: PortFileReport | None = strawberry.field(
        description="What was found; null when the file could not be read."
    )
    errors: list[UserError] = strawberry.field(description=REFUSED)

    @classmethod
    def of(cls, done: PortDone) -> "LintPortFilePayload":
        """Of what was found."""
        return cls(report=_report(done), errors=_errors(done, Reading()))


@strawberry.type(description="What `uploadPortFile` did.")
class UploadPortFilePayload:
    """A project with more numbers, and a report on the file."""

    project: PortProject | None = strawberry.field(description=STANDS)
    report: PortFileReport | None = strawberry.field(
        description="What was found in the file; null when it could not be read."
    )
    errors: list[UserError] = strawberry.field(description=REFUSED)

    @classmethod
    def of(cls, done: PortDone, ids: Reading) -> "UploadPortFilePayload":
        """Of what stands."""
        return cls(project=_project(done), report=_report(done), errors=_errors(done, ids))


@strawberry.type(description="A field of a row that was mended.")
class PortFieldChange:
    """Before and after."""

    port_number: PortNumber = strawberry.field(description="The row as it stands.")
    field: str = strawberry.field(
        description="Which field: `losingCarrier`, `losingSpid` or `btn`."
    )
    before: str | None = strawberry.field(name="from", description="What it was.")
    after: str = strawberry.field(name="to", description="What it is, or would be (`dryRun`).")

    @classmethod
    def of(cls, change: FieldChange) -> "PortFieldChange":
        """Of a change."""
        return cls(
            port_number=PortNumber.of(change.row),
            field=change.field,
            before=change.before,
            after=change.after,
        )


@strawberry.type(description="What `applySuggestedFixes` did, or would do.")
class ApplySuggestedFixesPayload:
    """A project with fewer faults."""

    project: PortProject | None = strawberry.field(description=STANDS)
    changes: list[PortFieldChange] = strawberry.field(
        description="What was mended; with `dryRun`, what would be."
    )
    errors: list[UserError] = strawberry.field(description=REFUSED)

    @classmethod
    def of(cls, done: PortDone, ids: Reading) -> "ApplySuggestedFixesPayload":
        """Of what stands."""
        return cls(
            project=_project(done),
            changes=[PortFieldChange.of(change) for change in done.changes],
            errors=_errors(done, ids),
        )
