"""Files of numbers: the rules they are read by, and what was found in one."""

import strawberry
from strawberry import UNSET

from numbering import port_sheet
from resolvers import port_files
from schema.arguments import After, First, given
from schema.connection import Connection, connection
from schema.port_code_enums import FaultSeverity, PortFileCode


@strawberry.type(description="One of the rules that files of numbers are judged by.")
class PortFileRule:
    """A rule."""

    code: PortFileCode = strawberry.field(description="What is wrong when it is broken.")
    column: str | None = strawberry.field(
        description="Which column it is about, in its canonical spelling; null for several."
    )
    severity: FaultSeverity = strawberry.field(description="Whether it keeps a row out.")
    description: str = strawberry.field(description="The rule, for people.")
    example: str | None = strawberry.field(description="A cell that breaks it.")

    @classmethod
    def of(cls, rule: port_sheet.Rule) -> "PortFileRule":
        """Of a rule."""
        return cls(
            code=rule.code,
            column=rule.column,
            severity=rule.severity,
            description=rule.description,
            example=rule.example,
        )


@strawberry.type(description="Something that is wrong in a file.")
class PortFileFault:
    """A cell, and what to do."""

    row: int = strawberry.field(description="The line of the sheet, the header being 1.")
    column: str | None = strawberry.field(description="Which column, if it is one.")
    code: PortFileCode = strawberry.field(description="What is wrong.")
    severity: FaultSeverity = strawberry.field(description="Whether the row is left out.")
    value: str | None = strawberry.field(
        description="What is in the cell; null for PINs and account numbers."
    )
    message: str = strawberry.field(description="What is wrong, for people.")
    suggestion: str | None = strawberry.field(description="What it may have been meant to be.")

    @classmethod
    def of(cls, fault: port_sheet.Fault) -> "PortFileFault":
        """Of a fault."""
        return cls(
            row=fault.row,
            column=fault.column,
            code=fault.code,
            severity=fault.severity,
            value=fault.value,
            message=fault.message,
            suggestion=fault.suggestion,
        )


@strawberry.type(
    description=(
        "What was found in a file. `totalCount` is always the sum of valid, invalid, duplicate and "
        "blank rows."
    )
)
class PortFileReport:
    """A report; it is not kept, so its pages exist in this answer only."""

    sheet: strawberry.Private[port_sheet.Sheet]
    file_name: str = strawberry.field(description="The name it was uploaded with.")
    format: str = strawberry.field(description="`csv` or `xlsx`, by its content.")
    encoding: str | None = strawberry.field(description="How text is encoded, for CSV.")
    delimiter: str | None = strawberry.field(description="What separates cells, for CSV.")
    total_count: int = strawberry.field(description="Rows below the header.")
    valid_count: int = strawberry.field(description="Rows that are taken.")
    invalid_count: int = strawberry.field(description="Rows with an ERROR.")
    duplicate_count: int = strawberry.field(
        description="Rows whose number is there already, here or in an open project."
    )
    blank_count: int = strawberry.field(description="Rows without anything in them.")
    columns: list[str] = strawberry.field(description="The columns that were understood, in order.")

    @strawberry.field(description="What is wrong, by row, 100 unless told.")
    def faults(self, first: First = 100, after: After = UNSET) -> Connection[PortFileFault]:
        """A page of them."""
        page = port_files.faults(self.sheet, first=first, after=given(after))
        return connection(page, PortFileFault.of, lambda: port_files.count_faults(self.sheet))

    @classmethod
    def of(cls, sheet: port_sheet.Sheet) -> "PortFileReport":
        """Of a sheet."""
        return cls(
            sheet=sheet,
            file_name=sheet.file_name,
            format=sheet.format,
            encoding=sheet.encoding,
            delimiter=sheet.delimiter,
            total_count=sheet.total,
            valid_count=sheet.valid,
            invalid_count=sheet.invalid,
            duplicate_count=sheet.duplicate,
            blank_count=sheet.blank,
            columns=list(sheet.columns),
        )
