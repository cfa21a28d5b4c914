"""How a mutation is accepted: once for each idempotency key, in one transaction (decisions 1, 17).

The transaction writes intent only: rows, operations, jobs, audit. Nothing in it waits for anybody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import idempotency
from db.idempotency import Replay
from numbering.actors import Actor, Scope
from numbering.refusals import Invalid, Refusal
from workflows.accepted import Accepted

if TYPE_CHECKING:
    from db.vault import Vault
    from workflows.wiring import Services

LONGEST_KEY = 255
HIDDEN = {"hidden": True}
"""Metadata of a command's field that no fingerprint knows: bytes that have a hash beside them."""

Work = Callable[[AsyncSession], Awaitable[Accepted]]


async def once(
    services: Services,
    actor: Actor,
    mutation: str,
    command: Any,
    work: Work,
    *,
    customer_id: UUID | None = None,
) -> Accepted:
    """What `work` accepts, or what it accepted the first time this key was used.

    A Refusal raised by `work` rolls everything back, the key included: the same key may be tried
    again. `customer_id` narrows the transaction of staff to the customer they act for; anybody else
    stays within their own, whomever they name.
    """
    key = command.idempotency_key
    scope = actor.scope
    if actor.is_staff and customer_id is not None:
        scope = Scope.customer(customer_id)

    async def accept(session: AsyncSession) -> Accepted:
        place = (idempotency_scope(actor), mutation, key)
        newest, *older = fingerprints(command, services.vault)
        claimed = await idempotency.claim(session, *place, newest, older=older)
        if isinstance(claimed, Replay):
            return Accepted.from_json(claimed.result)
        accepted = await work(session)
        await idempotency.store(session, *place, accepted.as_json())
        return accepted

    try:
        check_key(key)
        return await services.database.transact(scope, accept)
    except Several as several:
        return Accepted.refused(*several.refusals)
    except Refusal as refusal:
        return Accepted.refused(refusal)


class Several(Refusal):
    """Not one entry can be accepted, each for its own reason: rolls everything back."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        super().__init__("Nothing was accepted.")
        self.refusals = tuple(refusals)


def idempotency_scope(actor: Actor) -> str:
    """The customer, or the staff member: two people of one customer share their keys."""
    return f"staff:{actor.subject}" if actor.is_staff else str(actor.scope.customer_id)


def check_key(key: str) -> None:
    """Invalid unless the key can be kept as it is."""
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Invalid(
            f"An idempotencyKey is 1 to {LONGEST_KEY} visible characters, for example a UUID.",
            path=("idempotencyKey",),
        )


def fingerprints(command: Any, vault: Vault | None) -> tuple[str, ...]:
    """Hashes of the input without its key, the one to keep first: another input is refused.

    Keyed by the vault, because an input may hold a PIN; the plain one knows keys of older releases.
    """
    facts = {each.name: getattr(command, each.name) for each in fields(command)}
    del facts["idempotency_key"]
    canonical = _canonical(facts)
    plain = hashlib.sha256(canonical.encode()).hexdigest()
    return (plain,) if vault is None else (*vault.marks(canonical), plain)


def _canonical(facts: Mapping[str, Any]) -> str:
    # ASCII, so that half a surrogate pair cannot break the encoding; str() for UUIDs and amounts.
    return json.dumps(facts, sort_keys=True, default=_plain, ensure_ascii=True)


def _plain(value: object) -> object:
    if is_dataclass(value):
        shown = (each.name for each in fields(value) if each.metadata != HIDDEN)
        return {name: getattr(value, name) for name in shown}
    return str(value)
