"""Opaque global ids: base64url of `Type:uuid`, one spelling per object."""

import base64
import binascii
from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from numbering.refusals import Invalid, Refusal
from resolvers.rejections import bad_input

MAX_ID = 128
NOBODY = UUID(int=0)
"""Stands for a malformed id where a batch must go on: nothing ever has it."""


class NodeKind(StrEnum):
    """What an id can name; the value is the GraphQL type."""

    CUSTOMER = "Customer"
    TRUNK = "Trunk"
    E911_ADDRESS = "E911Address"
    DID = "Did"
    RESERVATION = "Reservation"
    RESERVATION_ITEM = "ReservationItem"
    OPERATION = "Operation"
    INCIDENT = "Incident"
    AUDIT_EVENT = "AuditEvent"
    PORT_PROJECT = "PortProject"
    PORT_NUMBER = "PortNumber"
    PORT_DOCUMENT = "PortDocument"
    PORT_EVENT = "PortEvent"
    PORT_COMMENT = "PortComment"


def encode(kind: NodeKind, value: UUID) -> str:
    """The id that clients keep; it never changes for an object."""
    return base64.urlsafe_b64encode(f"{kind}:{value}".encode()).rstrip(b"=").decode()


def decode(text: str) -> tuple[NodeKind, UUID] | None:
    """What an id names; None when it is no id of ours."""
    if len(text) > MAX_ID:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        kind, _, value = raw.decode().partition(":")
        found = NodeKind(kind), UUID(value)
    except (binascii.Error, ValueError):
        return None
    # Padding bits, capitals and braces would give an object several ids.
    return found if encode(*found) == text else None


def named(text: str, kind: NodeKind) -> UUID | None:
    """The uuid in an id of this kind; None when it is malformed or names something else."""
    found = decode(text)
    return found[1] if found is not None and found[0] is kind else None


def asked_for(text: str, kind: NodeKind, argument: str) -> UUID:
    """As `named`, for an argument of a query; raises BAD_USER_INPUT."""
    value = named(text, kind)
    if value is None:
        raise bad_input(argument, f"is not the id of a {kind}. Use an `id` as this API gave it.")
    return value


class Reading:
    """Decodes the ids of one mutation's input and keeps what was wrong with them.

    A malformed id becomes NOBODY, which is not found by the same statements as any other, and its
    refusal then says INVALID instead (`mended`): a batch never fails whole for one bad id.
    """

    def __init__(self) -> None:
        self._faults: dict[tuple[str, ...], Refusal] = {}

    def one(self, text: str, kind: NodeKind, *path: str) -> UUID:
        """The uuid in an id of this kind, else NOBODY."""
        value = named(text, kind)
        if value is None:
            return self.fault(
                f"This is not the id of a {kind}. Use an `id` as this API gave it.", *path
            )
        return value

    def fault(self, message: str, *path: str) -> UUID:
        """NOBODY, with the refusal that the client gets for it."""
        self._faults[path] = Invalid(message, path=path)
        return NOBODY

    def many(self, texts: Iterable[str], kind: NodeKind, *path: str) -> tuple[UUID, ...]:
        """As `one`, for a list."""
        return tuple(self.one(text, kind, *path, str(at)) for at, text in enumerate(texts))

    def mended(self, refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
        """The refusals with INVALID wherever the id itself was the reason; none gets lost."""
        unsaid = dict(self._faults)
        said = []
        for refusal in refusals:
            path = next((at for at in self._faults if refusal.path[-len(at) :] == at), None)
            fault = None if path is None else self._faults[path]
            # The workflow may point further: at the did of a batch for which the change is wrong.
            said.append(refusal if fault is None else Invalid(fault.message, path=refusal.path))
            unsaid.pop(path or (), None)
        return (*said, *unsaid.values())
