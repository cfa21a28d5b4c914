"""Changing dids: written here at once, told to the carrier by a coalescing operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, customers, dids
from db.tables import Did
from numbering import cnam, metadata
from numbering.actors import Actor
from numbering.lifecycle import DID_MOVES, AuditAction, DidStatus
from numbering.metadata import CustomerFacts, DidFacts
from numbering.refusals import Invalid, NotFound, Refusal, WrongState
from numbering.telephone import TelephoneNumber
from workflows import accepting, configured, facts, follow_ups, outcomes, recording, requested
from workflows.accepted import Accepted
from workflows.commands import DidChanges, UpdateDids

if TYPE_CHECKING:
    from workflows.wiring import Services

# A person who changes a number or two likes to see it in sync; nobody waits for a hundred.
SYNC_SECONDS = 2.0
SYNC_MOST = 10
LONGEST_CAMPAIGN = 64

_FLAGS = {
    "voice_enabled": "voiceEnabled",
    "sms_enabled": "smsEnabled",
    "mms_enabled": "mmsEnabled",
    "fax_enabled": "faxEnabled",
}
_CHANGEABLE = frozenset({DidStatus.ACTIVE, DidStatus.PORTING})


async def update(services: Services, actor: Actor, command: UpdateDids) -> Accepted:
    """Configure dids, all in the same way; those that cannot be are refused one by one."""

    async def work(session: AsyncSession) -> Accepted:
        return await _Configuring(services, actor, command, session).run()

    accepted = await accepting.once(services, actor, "updateDids", command, work)
    if len(accepted.operation_ids) <= SYNC_MOST:
        patience = min(services.mutation_wait_seconds, SYNC_SECONDS)
        await outcomes.settled(services, actor, accepted.operation_ids, patience=patience)
    return accepted


@dataclass(slots=True)
class _Configuring:
    """The transaction of one updateDids."""

    services: Services
    actor: Actor
    command: UpdateDids
    session: AsyncSession

    async def run(self) -> Accepted:
        changes = _tidy(self.command.changes)
        asked = requested.ids(self.command.did_ids, self.services.max_dids, "didIds")
        # Custom fields are merged into what stands: nobody else may change it meanwhile.
        known = await dids.locked(self.session, list(asked.paths))
        begun: list[UUID] = []
        for did_id in sorted(asked.paths):
            try:
                begun += await self._configure(known.get(did_id), changes)
            except Refusal as refusal:
                asked.refuse(did_id, refusal)
        if not asked.paths:
            raise accepting.Several(asked.refusals)
        return Accepted(
            did_ids=tuple(asked.paths),
            operation_ids=tuple(begun),
            refusals=tuple(asked.refusals),
        )

    async def _configure(self, did: Did | None, changes: DidChanges) -> list[UUID]:
        """Write the changes; the id of the operation that will tell the carrier, if one will."""
        if did is None:
            raise NotFound("number")
        _check_status(did)
        columns = await self._columns(did, changes)
        changed = {name: new for name, new in columns.items() if getattr(did, name) != new}
        if not changed:
            return []
        customer = (await customers.by_ids(self.session, [did.customer_id]))[did.customer_id]
        push = _told(did, changed, facts.customer_facts(customer))
        row = await dids.apply_changes(self.session, did.id, changed, push=push)
        assert row is not None  # noqa: S101  it is locked, and in a state that can be changed
        await self._audit(did, changed)
        return await self._push(row) if push else []

    async def _columns(self, did: Did, changes: DidChanges) -> dict[str, Any]:
        """The columns as they should be. Raises Refusal with a path into `changes`."""
        try:
            columns: dict[str, Any] = {
                name: value
                for name, value in changes.items()
                if name not in {"routing", "custom_fields"}
            }
            number = TelephoneNumber(did.number)
            if columns.get("cnam") is not None:
                cnam.check_cnam(columns["cnam"], did.number_type)
            await configured.check_address(
                self.session, did.customer_id, columns.get("e911_address_id")
            )
            if "routing" in changes:
                await configured.check_trunk(self.session, did.customer_id, changes["routing"])
                columns |= configured.routing_columns(changes["routing"], number)
            if "custom_fields" in changes:
                columns["custom_fields"] = _merged(did.custom_fields, changes["custom_fields"])
        except Refusal as refusal:
            raise _in_changes(refusal) from refusal
        return columns

    async def _audit(self, did: Did, changed: Mapping[str, Any]) -> None:
        await recording.note(
            self.session,
            self.actor,
            AuditAction.CONFIGURE,
            customer_id=did.customer_id,
            number=did.number,
            before={name: _json(getattr(did, name)) for name in changed},
            after={name: _json(value) for name, value in changed.items()},
        )

    async def _push(self, did: Did) -> list[UUID]:
        now = await clock.now(self.session)
        made = await follow_ups.for_row(self.session, did, self.actor, now, self.services.timings)
        # None: one is under way already and, at its end, sees that there is more to tell.
        return [made.id] if made is not None else []


def _check_status(did: Did) -> None:
    if did.status not in _CHANGEABLE:
        raise WrongState(did.status, sorted(DID_MOVES[did.status]))


def _tidy(changes: DidChanges) -> DidChanges:
    """What does not depend on the did. Raises Invalid with a path into `changes`."""
    if not changes:
        raise Invalid("Name at least one field to change.", path=("changes",))
    for name, field in _FLAGS.items():
        if name in changes and changes[name] is None:  # type: ignore[literal-required]
            raise Invalid("Send true or false.", path=("changes", field))
    tidy = changes.copy()
    try:
        if "friendly_name" in changes:
            tidy["friendly_name"] = configured.friendly_name(changes["friendly_name"])
        campaign = changes.get("campaign_id")
        if campaign is not None:
            tidy["campaign_id"] = requested.text(campaign, LONGEST_CAMPAIGN, "campaignId") or None
    except Refusal as refusal:
        raise _in_changes(refusal) from refusal
    if changes.get("cnam") == "":
        tidy["cnam"] = None
    return tidy


def _merged(old: Mapping[str, Any], new: Mapping[str, Any] | None) -> dict[str, Any]:
    """Custom fields after a change. Cleared ones stay as None until the carrier has been told.

    `new` None clears all. Raises Invalid.
    """
    cleared = dict.fromkeys(old)
    merged = cleared if new is None else {**old, **new}
    metadata.check_custom_fields({k: v for k, v in merged.items() if v is not None})
    metadata.check_custom_fields(dict.fromkeys(merged))
    return {key: value for key, value in merged.items() if value is not None or key in old}


def _in_changes(refusal: Refusal) -> Refusal:
    """The same, pointing into `changes`; the entry's own path comes before it later."""
    return refusal if refusal.path[:1] == ("changes",) else refusal.at("changes")


def _told(did: Did, changed: Mapping[str, Any], customer: CustomerFacts) -> bool:
    """Whether the carrier has to hear of it: a friendly name, for one, is ours alone."""
    before = facts.did_facts(did)
    names = DidFacts.__slots__
    after = replace(before, **{name: new for name, new in changed.items() if name in names})
    return metadata.for_push(before, customer) != metadata.for_push(after, customer)


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
