"""The numbers of a port project, and what the carrier found wrong with them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from db import tables
from numbering.port_codes import NumberError
from resolvers import port_numbers
from resolvers.ids import NodeKind, encode
from resolvers.port_numbers import Group
from schema.connection import Connection, connection
from schema.node import Info, Node, made, of_kind
from schema.port_code_enums import PortErrorCode
from schema.port_enums import PortNumberState
from schema.scalars import E164

if TYPE_CHECKING:
    from schema.dids import Did

Sample = Annotated[
    int | None, strawberry.argument(description="How many, 1 to 100; null for the default.")
]


@strawberry.type(description="What would mend a field, as the carrier suggests.")
class SuggestedFix:
    """A value to take over."""

    field: str = strawberry.field(
        description="Which field: `losingCarrier`, `losingSpid` or `btn`."
    )
    value: str = strawberry.field(description="The value to take over.")
    description: str = strawberry.field(description="What that means, for people.")


@strawberry.type(description="Something that the carrier found wrong with a number.")
class PortValidationError:
    """One finding."""

    code: PortErrorCode = strawberry.field(description="What is wrong.")
    carrier_code: str | None = strawberry.field(description="The carrier's own code.")
    field: str | None = strawberry.field(description="Which field, if it is one of ours.")
    message: str = strawberry.field(
        description="What is wrong, for people. Nothing of a PIN or account number is in it."
    )
    expected: str | None = strawberry.field(
        description="What the carrier has on file; null for PINs and account numbers."
    )
    got: str | None = strawberry.field(
        description="What it was sent; null for PINs and account numbers."
    )
    fixable: bool = strawberry.field(description="`applySuggestedFixes` can mend it.")
    suggested_fix: SuggestedFix | None = strawberry.field(description="What would mend it.")

    @classmethod
    def of(cls, found: NumberError) -> "PortValidationError":
        """Of a finding."""
        fix = found.suggested
        return cls(
            code=found.code,
            carrier_code=found.carrier_code,
            field=found.field,
            message=found.message,
            expected=found.expected,
            got=found.got,
            fixable=found.fixable,
            suggested_fix=None
            if fix is None
            else SuggestedFix(field=fix.field, value=fix.value, description=fix.description),
        )


@of_kind(NodeKind.PORT_NUMBER)
@strawberry.type(
    description="A number of a port project. PIN and account number go in and never come out."
)
class PortNumber(Node):
    """A row of the project."""

    row_: strawberry.Private[tables.PortNumber]
    number: E164 = strawberry.field(description="The number.")
    state: PortNumberState = strawberry.field(description="Where it stands.")
    losing_carrier: str | None = strawberry.field(description="The carrier it comes from.")
    losing_spid: str | None = strawberry.field(
        description="That carrier's service provider id, four characters."
    )
    btn: E164 | None = strawberry.field(description="The billing number of the account.")
    account_number_masked: str | None = strawberry.field(
        description="The end of the account number, `••••1234`; null when none is set."
    )
    pin_set: bool = strawberry.field(description="A PIN is set.")
    notes: str | None = strawberry.field(description="Notes from the file.")
    row: int | None = strawberry.field(description="Its line in the file, the header being 1.")
    validation_errors: list[PortValidationError] = strawberry.field(
        description="What the carrier found wrong; empty when nothing or not checked yet."
    )

    @strawberry.field(description="The number in service here, once it is ACTIVE.")
    async def did(self, info: Info) -> Annotated["Did", strawberry.lazy("schema.dids")] | None:
        """By loader."""
        row = await port_numbers.did(info.context, self.row_)
        return None if row is None else made(NodeKind.DID, row)

    @classmethod
    def of(cls, row: tables.PortNumber) -> "PortNumber":
        """Of a row."""
        return cls(
            id=strawberry.ID(encode(NodeKind.PORT_NUMBER, row.id)),
            row_=row,
            number=E164(row.number),
            state=row.state,
            losing_carrier=row.losing_carrier,
            losing_spid=row.losing_spid,
            btn=None if row.btn is None else E164(row.btn),
            account_number_masked=row.account_number_mask,
            pin_set=row.pin_sealed is not None,
            notes=row.notes,
            row=row.row,
            validation_errors=[
                PortValidationError.of(found) for found in port_numbers.findings(row)
            ],
        )


@strawberry.type(description="Numbers of a port project that have the same fault.")
class PortErrorGroup:
    """A code, and how often."""

    group: strawberry.Private[Group]
    code: PortErrorCode = strawberry.field(description="What is wrong.")
    count: int = strawberry.field(description="With how many numbers.")
    fixable: bool = strawberry.field(
        description="`applySuggestedFixes` can mend it, at least for some of them."
    )
    what_to_do: str = strawberry.field(description="How it is mended, for people.")

    @strawberry.field(description="Some of these numbers, by number.")
    async def sample(self, info: Info, first: Sample = 5) -> list[PortNumber]:
        """By loader."""
        rows = await port_numbers.sample(info.context, self.group, first)
        return [PortNumber.of(row) for row in rows]

    @classmethod
    def of(cls, group: Group) -> "PortErrorGroup":
        """Of a count."""
        return cls(
            group=group,
            code=group.code,
            count=group.count,
            fixable=group.fixable,
            what_to_do=group.what_to_do,
        )


async def number_pages(info: Info, asked: port_numbers.NumberQuestion) -> Connection[PortNumber]:
    """A page of the numbers of a project."""
    page = await port_numbers.page(info.context, asked)
    return connection(page, PortNumber.of, lambda: port_numbers.count(info.context, asked))
