"""Letters of authorization: whether the one at hand still counts.

Losing carriers want a letter signed within the last 30 days (research/domain.md 2.4) for exactly
the numbers that are ported, so it is bound to the list that stood when it was uploaded.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from hashlib import sha256

MAX_AGE_DAYS = 30
AGEING_DAYS = 25
"""From this age on a letter that waits for its submission needs attention."""


class LoaState(StrEnum):
    """Whether a project has a letter that the losing carrier would accept."""

    MISSING = "MISSING"
    CURRENT = "CURRENT"
    STALE = "STALE"


def list_hash(numbers: Iterable[str]) -> str:
    """What a letter is bound to: 64 hex digits, the same for the same numbers in any order."""
    return sha256("\n".join(sorted(set(numbers))).encode()).hexdigest()


def judge(
    *,
    signed_on: date | None,
    list_hash: str | None,
    current_hash: str,
    today: date,
    has_document: bool,
) -> tuple[LoaState, str | None]:
    """The state of the newest letter, and unless it is CURRENT what to do about it."""
    if not has_document:
        return LoaState.MISSING, "Upload a signed letter of authorization as a document."
    reason = _objection(signed_on, today)
    if reason is None and list_hash != current_hash:
        reason = "The numbers have changed since the letter was uploaded. Upload one for this list."
    return (LoaState.CURRENT, None) if reason is None else (LoaState.STALE, reason)


def ageing(signed_on: date, today: date) -> bool:
    """Whether the letter will soon be too old, or is."""
    return (today - signed_on).days >= AGEING_DAYS


def _objection(signed_on: date | None, today: date) -> str | None:
    if signed_on is None:
        return "The letter has no date of signature. Upload it again and say when it was signed."
    if signed_on > today:
        return "The letter is dated in the future. Upload one that has been signed."
    if (today - signed_on).days > MAX_AGE_DAYS:
        return f"The letter is older than {MAX_AGE_DAYS} days. Have it signed again and upload it."
    return None
