"""Rows of port projects to change, mend, remove, check and activate: the inputs."""

import strawberry
from strawberry import ID, UNSET

from resolvers.ids import NodeKind, Reading
from schema.arguments import given
from schema.port_code_enums import PortErrorCode
from schema.port_inputs import PROJECT, given_fields, project_of, some
from schema.procurement import KEY
from schema.scalars import E164
from workflows import port_commands as commands

FIELDS = ("losing_carrier", "losing_spid", "btn", "account_number", "pin", "notes")


@strawberry.input(description="The edit of one row. An absent field stays, null clears it.")
class PortNumberChange:
    """What to change on which row."""

    port_number_id: ID = strawberry.field(description="The row.")
    losing_carrier: str | None = strawberry.field(
        default=UNSET, description="The carrier it comes from."
    )
    losing_spid: str | None = strawberry.field(
        default=UNSET, description="That carrier's service provider id, four characters."
    )
    btn: E164 | None = strawberry.field(
        default=UNSET, description="The billing number of the account."
    )
    account_number: str | None = strawberry.field(
        default=UNSET, description="The account number; kept encrypted, never shown again."
    )
    pin: str | None = strawberry.field(
        default=UNSET, description="The PIN; kept encrypted, never shown again."
    )
    notes: str | None = strawberry.field(default=UNSET, description="Notes.")

    def change(self, ids: Reading, at: int) -> commands.NumberChange:
        """As the workflow takes it."""
        row = ids.one(self.port_number_id, NodeKind.PORT_NUMBER, "changes", str(at))
        return commands.NumberChange(
            port_number_id=row,
            changes=given_fields(self, FIELDS),
        )


@strawberry.input(description="Rows to edit in place; all of them or none.")
class UpdatePortNumbersInput:
    """What to change."""

    project_id: ID = strawberry.field(description=PROJECT)
    changes: list[PortNumberChange] = strawberry.field(description="1 to 10 000 rows.")
    revalidate: bool = strawberry.field(
        default=True, description="Have the carrier check these rows again at once."
    )
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.UpdatePortNumbers:
        """As the workflow takes it."""
        return commands.UpdatePortNumbers(
            project_id=project_of(ids, self.project_id),
            changes=tuple(each.change(ids, at) for at, each in enumerate(self.changes)),
            revalidate=self.revalidate,
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(
    description="Rows to mend as the carrier suggests; all that can be, unless some are named."
)
class ApplySuggestedFixesInput:
    """What to mend."""

    project_id: ID = strawberry.field(description=PROJECT)
    codes: list[PortErrorCode] | None = strawberry.field(
        default=UNSET, description="Only what has one of these faults."
    )
    port_number_ids: list[ID] | None = strawberry.field(
        default=UNSET, description="Only these rows."
    )
    dry_run: bool = strawberry.field(
        default=False, description="Change nothing; only say what would change."
    )
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.ApplySuggestedFixes:
        """As the workflow takes it."""
        codes = given(self.codes)
        return commands.ApplySuggestedFixes(
            project_id=project_of(ids, self.project_id),
            codes=None if codes is None else tuple(codes),
            port_number_ids=some(ids, self.port_number_ids),
            dry_run=self.dry_run,
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="Rows to take out of a port project.")
class RemovePortNumbersInput:
    """What to take out."""

    project_id: ID = strawberry.field(description=PROJECT)
    port_number_ids: list[ID] = strawberry.field(description="1 to 10 000 rows.")
    reason: str | None = strawberry.field(
        default=UNSET, description="Why; kept in the history and the audit."
    )
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.RemovePortNumbers:
        """As the workflow takes it."""
        return commands.RemovePortNumbers(
            project_id=project_of(ids, self.project_id),
            port_number_ids=some(ids, self.port_number_ids),
            reason=given(self.reason),
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="Rows to have checked again.")
class RevalidatePortNumbersInput:
    """What to check."""

    project_id: ID = strawberry.field(description=PROJECT)
    port_number_ids: list[ID] | None = strawberry.field(
        default=UNSET, description="These rows; without it, all that are not VALID."
    )
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.RevalidatePortNumbers:
        """As the workflow takes it."""
        return commands.RevalidatePortNumbers(
            project_id=project_of(ids, self.project_id),
            port_number_ids=some(ids, self.port_number_ids),
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="Rows to have switched over now.")
class ActivatePortNumbersInput:
    """What to activate."""

    project_id: ID = strawberry.field(description=PROJECT)
    port_number_ids: list[ID] | None = strawberry.field(
        default=UNSET, description="These rows; without it, all that are left."
    )
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading) -> commands.ActivatePortNumbers:
        """As the workflow takes it."""
        return commands.ActivatePortNumbers(
            project_id=project_of(ids, self.project_id),
            port_number_ids=some(ids, self.port_number_ids),
            idempotency_key=self.idempotency_key,
        )
