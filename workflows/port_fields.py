"""The fields of a port number as people edit them: checked, sealed, and noted without secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numbering import port_sheet
from numbering.refusals import Invalid
from numbering.telephone import InvalidNumber, TelephoneNumber
from workflows import port_secrets, requested
from workflows.port_commands import NumberChanges

if TYPE_CHECKING:
    from db.tables import PortNumber
    from db.vault import Vault

_SPID = re.compile(r"[A-Z0-9]{4,5}", re.ASCII)
_LIMITS = port_sheet.LIMITS
# Column → (the input's name, the file's column, which has the same limit).
_TEXTS: Mapping[str, tuple[str, str]] = {
    "losing_carrier": ("losingCarrier", "lsp_name"),
    "notes": ("notes", "notes"),
    "account_number": ("accountNumber", "account_number"),
    "pin": ("pin", "pin"),
}
_HIDDEN = frozenset({"account_number_sealed", "account_number_mask", "pin_sealed"})


def columns(changes: NumberChanges, vault: Vault | None) -> dict[str, Any]:
    """The columns to write. Raises Invalid with the input's name of the field as its path."""
    given: dict[str, Any] = dict(changes)
    for name, (path, column) in _TEXTS.items():
        if name in given:
            given[name] = requested.text(given[name] or "", _LIMITS[column], path) or None
    if "losing_spid" in given:
        given["losing_spid"] = _spid(given["losing_spid"])
    if "btn" in given:
        given["btn"] = _btn(given["btn"])
    if "account_number" in given:
        account = given.pop("account_number")
        given["account_number_sealed"] = port_secrets.seal(vault, account)
        given["account_number_mask"] = port_secrets.masked(account)
    if "pin" in given:
        given["pin_sealed"] = port_secrets.seal(vault, given.pop("pin"))
    return given


def _spid(text: str | None) -> str | None:
    spid = (text or "").strip().upper()
    if spid and not _SPID.fullmatch(spid):
        message = "A SPID has four letters or digits (five for toll-free), such as 6529."
        raise Invalid(message, path=("losingSpid",))
    return spid or None


def _btn(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    try:
        return str(TelephoneNumber.parse(text))
    except InvalidNumber as error:
        raise Invalid(error.message, path=("btn",)) from None


def really_new(row: PortNumber, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that change something; a secret is sealed differently each time, so it always
    does, unless nothing is to be nothing."""
    return {name: new for name, new in wanted.items() if getattr(row, name) != new}


def noted(row: PortNumber, new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after for the audit trail; of a secret only that it changed."""
    shown = sorted(name for name in new if name not in _HIDDEN)
    before: dict[str, Any] = {_camel(name): getattr(row, name) for name in shown}
    after: dict[str, Any] = {_camel(name): new[name] for name in shown}
    if "account_number_sealed" in new:
        after["accountNumber"] = "set" if new["account_number_sealed"] else None
    if "pin_sealed" in new:
        after["pin"] = "set" if new["pin_sealed"] else None
    return before, after


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
