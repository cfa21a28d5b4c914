"""Account numbers and PINs: sealed when they come in, opened while the carrier's file is written.

Nothing else here opens them, and what is opened is in no row, log line or error.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from numbering import port_sheet
from numbering.port_sheet import CarrierRow
from numbering.telephone import TelephoneNumber

if TYPE_CHECKING:
    from db.tables import PortNumber
    from db.vault import Vault

VISIBLE = 4


def seal(vault: Vault | None, secret: str | None) -> bytes | None:
    """The sealed form; None for nothing."""
    if not secret:
        return None
    assert vault is not None  # noqa: S101  a gateway does not start without SECRETS_KEY
    return vault.seal(secret)


def masked(account_number: str | None) -> str | None:
    """What people see of an account number: its last four characters, if it is much longer."""
    if not account_number:
        return None
    shown = account_number[-VISIBLE:] if len(account_number) >= 2 * VISIBLE else ""
    return f"••••{shown}"


def carrier_file(
    rows: Iterable[PortNumber], losing_carrier: str | None, vault: Vault | None
) -> bytes:
    """The CSV as the carrier wants it; rows without a carrier have the project's."""
    return port_sheet.write_csv(_row(row, losing_carrier, vault) for row in rows)


def _row(row: PortNumber, losing_carrier: str | None, vault: Vault | None) -> CarrierRow:
    return CarrierRow(
        telephone_number=TelephoneNumber(row.number).national,
        lsp_name=row.losing_carrier or losing_carrier,
        lsp_spid=row.losing_spid,
        btn=None if row.btn is None else TelephoneNumber(row.btn).national,
        account_number=_opened(vault, row.account_number_sealed),
        pin=_opened(vault, row.pin_sealed),
        notes=row.notes,
    )


def _opened(vault: Vault | None, sealed: bytes | None) -> str | None:
    if sealed is None:
        return None
    assert vault is not None  # noqa: S101  what is sealed was sealed by it
    return vault.open(sealed)
