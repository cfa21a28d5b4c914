"""Everything a saga needs to know before its first step, read in one short transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from db import customers, dids, reservations
from db.tables import Customer, Did, Operation
from db.tenancy import Reader
from numbering import metadata
from numbering.actors import Scope
from numbering.lifecycle import LIVE_DID_STATUSES, DidStatus, OperationKind
from numbering.metadata import CustomerFacts, DidFacts
from workflows import ending, intents
from workflows.saga_terms import Facts, State, Target

if TYPE_CHECKING:
    from workflows.wiring import Services


@dataclass(frozen=True, slots=True)
class Known:
    """Where the saga stands, and the version of the did's settings that its facts hold."""

    state: State
    version: int = 0


async def gather(services: Services, operation: Operation) -> Known:
    """The saga's state from the operation's row and the rows that it is about."""
    async with services.workshop.read(Scope.worker()) as reader:
        match operation.kind:
            case OperationKind.NUMBER_ASSIGN:
                facts = await _assign(reader, operation)
            case OperationKind.METADATA_PUSH:
                return await _push(reader, operation)
            case _:
                facts = await _plain(reader, operation)
    return Known(intents.state_of(operation, facts))


async def _plain(reader: Reader, operation: Operation) -> Facts:
    match operation.request.get("target"):
        case Target.STRAY:
            return _stray(operation)
        case Target.DID:
            did_id = intents.uuid_of(operation, "did_id")
            did = (await dids.by_ids(reader, [did_id]))[did_id]
            return intents.facts_of(operation, ported=did.ported)
        case _:
            return intents.facts_of(operation)


def _stray(operation: Operation) -> Facts:
    at = datetime.fromisoformat(operation.request["assigned_at"])
    return intents.facts_of(operation, assigned_at=metadata.instant(at))


async def _assign(reader: Reader, operation: Operation) -> Facts:
    item_id = intents.uuid_of(operation, "item_id")
    item = (await reservations.items_by_ids(reader, [item_id]))[item_id]
    actor = intents.actor_of(operation)
    at = datetime.fromisoformat(operation.request["assigned_at"])
    did = ending.new_did(operation, item, at)
    wanted = metadata.for_assign(
        did_facts(did),
        customer_facts(await _customer(reader, operation)),
        actor.email or actor.subject,
        at,
        operation.id,
    )
    return intents.facts_of(operation, wanted=wanted, assigned_at=str(wanted[metadata.ASSIGNED_AT]))


async def _push(reader: Reader, operation: Operation) -> Known:
    did_id = intents.uuid_of(operation, "did_id")
    did = (await dids.by_ids(reader, [did_id]))[did_id]
    customer = customer_facts(await _customer(reader, operation))
    facts = intents.facts_of(
        operation,
        wanted=metadata.for_push(did_facts(did), customer),
        ported=did.ported,
        # On its way out: what the carrier knows of it does not matter any more.
        unwanted=did.status not in LIVE_DID_STATUSES or did.status is DidStatus.RELEASING,
    )
    return Known(intents.state_of(operation, facts), did.meta_version)


async def _customer(reader: Reader, operation: Operation) -> Customer:
    assert operation.customer_id is not None  # noqa: S101  numbers belong to somebody
    return (await customers.by_ids(reader, [operation.customer_id]))[operation.customer_id]


def did_facts(did: Did) -> DidFacts:
    """What the carrier is told about a did; custom fields that were cleared are None."""
    return DidFacts(
        did_id=did.id,
        customer_id=did.customer_id,
        status=did.status,
        trunk_id=did.trunk_id,
        voice_enabled=did.voice_enabled,
        sms_enabled=did.sms_enabled,
        mms_enabled=did.mms_enabled,
        fax_enabled=did.fax_enabled,
        cnam=did.cnam,
        ported_from=did.ported_from,
        ported_at=did.ported_at,
        custom_fields=did.custom_fields,
    )


def customer_facts(customer: Customer) -> CustomerFacts:
    """What the carrier is told about a customer."""
    return CustomerFacts(customer_id=customer.id, ban=customer.ban, company_name=customer.name)
