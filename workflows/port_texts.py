"""The words that people give a port project, tidied and limited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import requested

LONGEST_NAME = 120
LONGEST_TEXT = 1000

# Column → (the input's name, the most characters it may have).
_FIELDS: Mapping[str, tuple[str, int]] = {
    "name": ("name", LONGEST_NAME),
    "description": ("description", LONGEST_TEXT),
    "losing_carrier": ("losingCarrier", LONGEST_NAME),
    "authorized_person": ("authorizedPerson", LONGEST_NAME),
    "authorized_title": ("authorizedTitle", LONGEST_NAME),
}


def tidy(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they should be: trimmed, None for nothing. Raises Invalid with its path."""
    columns = dict(given)
    for column, (name, most) in _FIELDS.items():
        if column in given:
            required = column == "name"
            text = requested.text(given[column] or "", most, name, required=required)
            columns[column] = text or None
    return columns
