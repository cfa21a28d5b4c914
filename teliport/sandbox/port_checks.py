"""What the validation of a row finds, and what the losing carrier says to an LSR."""

from collections.abc import Callable
from typing import Any

from teliport.sandbox import port_magic as magic
from teliport.sandbox.port_project import Project, Row

Error = dict[str, Any]
_SPELLED = {"btn": "BTN"}


def _error(code: str, text: str, field: str | None = None) -> Error:
    """An error that nobody but the customer can mend."""
    return {
        "code": code,
        "error": text,
        "field": field,
        "expected": None,
        "got": None,
        "fixable": False,
        "suggestedFix": None,
    }


def _differs(code: str, text: str, field: str, expected: str, got: str | None) -> Error:
    """An error with the value that would have been right."""
    name = _SPELLED.get(field, field)
    return {
        **_error(code, f"{text}. Expected: {expected}, Got: {got or 'nothing'}", field),
        "expected": expected,
        "got": got,
        "fixable": True,
        "suggestedFix": f"Update {name} to {expected}",
    }


def _btn(row: Row, _: int) -> list[Error]:
    expected = f"{row.tn[:6]}9100"
    if row.btn == expected:
        return []
    return [_differs("7445", "BTN mismatch", "btn", expected, row.btn)]


def _carrier(row: Row, _: int) -> list[Error]:
    name, spid = magic.RIGHT_CARRIER
    found = []
    if (row.lsp_name or "").lower() != name.lower():
        found.append(_differs("LSP_MISMATCH", "Wrong carrier", "lspName", name, row.lsp_name))
    if row.lsp_spid not in (None, spid):
        found.append(_differs("LSP_MISMATCH", "Wrong carrier", "lspSpid", spid, row.lsp_spid))
    return found


def _pin(row: Row, _: int) -> list[Error]:
    if not row.pin_set:
        return [_error("PIN_REQUIRED", "The losing carrier requires a PIN", "pin")]
    return [] if row.pin_right else [_error("7435", "The PIN is invalid", "pin")]


def _account(row: Row, _: int) -> list[Error]:
    if row.account_number == magic.RIGHT_ACCOUNT:
        return []
    got = row.account_number or "nothing"
    return [_error("7401", f"Account number mismatch. Got: {got}", "accountNumber")]


def _pending_order(row: Row, job: int) -> list[Error]:
    if job > row.first_job:
        return []
    return [_error("7407", "Another order is pending on the number")]


def _always(code: str, text: str) -> Callable[[Row, int], list[Error]]:
    return lambda _, __: [_error(code, text, "telephoneNumber")]


_CHECKS: dict[str, Callable[[Row, int], list[Error]]] = {
    magic.BTN_MISMATCH: _btn,
    magic.INACTIVE: _always("7409", "The telephone number is not active"),
    magic.WRONG_CARRIER: _carrier,
    magic.PIN: _pin,
    magic.ACCOUNT_MISMATCH: _account,
    magic.NOT_PORTABLE: _always("7403", "The telephone number is not portable"),
    magic.PENDING_ORDER: _pending_order,
    magic.FROZEN: _always("7416", "The number is frozen: its user has to lift the port freeze"),
}


def errors_of(row: Row, job: int, *, ours: bool, magic_on: bool) -> list[Error]:
    """What is wrong with a row; `job` is the number of the validation, `ours` whether the number
    is in use with us already."""
    if ours:
        return [_error("7206", "The telephone number is already in service with this carrier")]
    check = _CHECKS.get(row.tn[-4:])
    return check(row, job) if check and magic_on else []


_REJECTIONS = {
    magic.REJECTED_ALWAYS: ("6P", None, "The end user's account has a port freeze"),
    magic.REJECTED_ONCE: ("8A", "accountNumber", "The account number does not match"),
    magic.BAD_DATE: ("1N", "focDate", "The due date cannot be met"),
}


def rejection_of(project: Project) -> dict[str, Any] | None:
    """Why the losing carrier rejects this attempt, or None; all numbers with the first reason."""
    for digits, (code, field, text) in _REJECTIONS.items():
        tns = [tn for tn in project.rows if tn.endswith(digits)]
        if tns and (project.attempt == 1 or digits == magic.REJECTED_ALWAYS):
            return {"code": code, "message": text, "field": field, "tns": tns}
    return None


def activation_error(row: Row) -> str | None:
    """Why this try to activate a number fails, or None; `tries` counts the ones before."""
    ending = row.tn[-4:]
    if ending == magic.FAILS_ALWAYS or (ending == magic.FAILS_ONCE and not row.tries):
        return "NPAC did not broadcast the subscription version"
    return None
