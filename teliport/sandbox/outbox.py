"""Webhooks that are to be sent, were sent, or got lost on purpose. `sender` sends them.

One delivery is one message to one address; its id is the same however often it is sent. The body is
made once: what a repetition says is what the first one said.
"""

import binascii
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

import orjson

from teliport.sandbox.clock import Clock
from teliport.sandbox.faults import Action, Fault, Faults
from teliport.sandbox.loopback import NotLoopback, is_loopback_url
from teliport.sandbox.numbers import instant
from teliport.sandbox.port_project import Project
from teliport.sandbox.store import Store

KEPT = 1000
_ENCODED = "whsec_"
# An hour of the sandbox's time: a reordered message comes last, not never.
LONGEST_HELD = 3600.0
# Seconds until each next try; some 30 hours in all.
BACK_OFF = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 50_400.0)


class Kind(StrEnum):
    """The three addresses of the contract, and the `type` of what is sent there."""

    ACTIVATED = "port-activated"
    CANCELLED = "port-cancelled"
    STATUS = "port-status"


class State(StrEnum):
    """What became of a delivery."""

    QUEUED = "QUEUED"
    DELIVERED = "DELIVERED"
    DROPPED = "DROPPED"
    GIVEN_UP = "GIVEN_UP"


@dataclass(slots=True)
class Delivery:
    """One message. `due` is when it is sent next; `copies` how often it still is to be sent.

    `attempts` are the tries so far: when, and the status that was answered (0: none).
    """

    seq: int
    id: str
    kind: Kind
    body: str
    due: float
    # Among those that are due at the same moment; its `seq`, if nobody reordered it.
    place: float
    held: bool = False
    copies: int = 1
    failures: int = 0
    state: State = State.QUEUED
    attempts: list[tuple[float, int]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """What the store keeps."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Delivery":
        """The delivery that `as_json` described."""
        attempts = [(at, status) for at, status in kept["attempts"]]
        kind, state = Kind(kept["kind"]), State(kept["state"])
        return cls(**{**kept, "kind": kind, "state": state, "attempts": attempts})

    def shown(self) -> dict[str, Any]:
        """The delivery as `GET /_sandbox/webhooks` shows it."""
        tries = [{"at": instant(at), "status": status or None} for at, status in self.attempts]
        return {
            "id": self.id,
            "type": self.kind.value,
            "state": self.state.value,
            "due": instant(self.due) if self.state is State.QUEUED else None,
            "attempts": tries,
            "body": orjson.loads(self.body),
        }


class BadSecret(ValueError):
    """A webhook secret that signs nothing; the text does not show it."""


class Receiver:
    """Who is told, and what signs it. The URL is without the kind at its end; None tells nobody.

    Raises NotLoopback for another machine, BadSecret for a secret that is no base64 after `whsec_`.
    """

    def __init__(self, url: str | None, secrets: Sequence[str]) -> None:
        self.become(url, secrets)

    def become(self, url: str | None, secrets: Sequence[str]) -> None:
        """From now on it is this one."""
        if url is not None and not is_loopback_url(url):
            message = f"webhooks go to http URLs of this machine only, not to {url!r}"
            raise NotLoopback(message)
        self.keys = tuple(_key(secret) for secret in secrets)
        self.url, self.secrets = url and url.rstrip("/"), tuple(secrets)


def _key(secret: str) -> bytes:
    if not secret.startswith(_ENCODED):
        return secret.encode()
    try:
        return b64decode(secret.removeprefix(_ENCODED), validate=True)
    except binascii.Error:
        raise BadSecret("a webhook secret is no base64 after its whsec_") from None


class Outbox:
    """The deliveries of one sandbox, in the order in which they were queued."""

    def __init__(self, clock: Clock, store: Store, faults: Faults, receiver: Receiver) -> None:
        self.receiver = receiver
        self._clock = clock
        self._store = store
        self._faults = faults
        kept = store.webhooks()
        self.deliveries = {seq: Delivery.from_json(state) for seq, state in kept}

    def queue(self, kind: Kind, project: Project, at: float, data: dict[str, Any]) -> None:
        """Tell the receiver about a project. What goes wrong with it is decided here."""
        if self.receiver.url is None:
            return
        project.sequence += 1
        body = {
            "eventId": str(uuid4()),
            "type": kind.value,
            "projectId": project.id,
            "lsrId": project.lsr_id,
            "occurredAt": instant(at),
            "sequence": project.sequence,
            "data": data,
        }
        seq = max(self.deliveries, default=0) + 1
        text = orjson.dumps(body).decode()
        now = self._clock.now()
        delivery = Delivery(seq, f"msg_{body['eventId']}", kind, text, now, float(seq))
        for fault in self._faults.due_webhook(f"/webhooks/teliport/{kind.value}"):
            self._spoil(delivery, fault)
        self.deliveries[seq] = delivery
        if not delivery.held:
            self._let_go(seq)
        self._store.save_webhook(seq, delivery.as_json())
        self._prune()

    def _spoil(self, delivery: Delivery, fault: Fault) -> None:
        match fault.action:
            case Action.WEBHOOK_DROP:
                delivery.state = State.DROPPED
            case Action.WEBHOOK_DUPLICATE:
                delivery.copies += 1
            case Action.WEBHOOK_REORDER:
                delivery.held = True
                delivery.due += LONGEST_HELD
            case _:
                delivery.due += fault.options.seconds

    def _let_go(self, seq: int) -> None:
        """Whatever was held for the next message goes right behind it."""
        for delivery in self.deliveries.values():
            if delivery.held:
                delivery.held, delivery.due = False, self._clock.now()
                delivery.place = seq + 0.5
                self._store.save_webhook(delivery.seq, delivery.as_json())

    def _prune(self) -> None:
        done = [seq for seq, each in self.deliveries.items() if each.state is not State.QUEUED]
        for seq in done[: max(0, len(self.deliveries) - KEPT)]:
            del self.deliveries[seq]
            self._store.drop_webhook(seq)

    def next_due(self) -> Delivery | None:
        """What is to be sent now: the one that is due longest."""
        now = self._clock.now()
        queued = (each for each in self.deliveries.values() if each.state is State.QUEUED)
        ready = [each for each in queued if each.due <= now and self.receiver.url is not None]
        return min(ready, key=lambda each: (each.due, each.place), default=None)

    def answered(self, delivery: Delivery, status: int) -> None:
        """A try has ended with this status, 0 for no answer: done, once more, or later again."""
        now = self._clock.now()
        delivery.attempts.append((now, status))
        if 200 <= status < 300:
            delivery.copies -= 1
            delivery.state = State.QUEUED if delivery.copies else State.DELIVERED
        elif delivery.failures < len(BACK_OFF):
            delivery.due = now + BACK_OFF[delivery.failures]
            delivery.failures += 1
        else:
            delivery.state = State.GIVEN_UP
        self._store.save_webhook(delivery.seq, delivery.as_json())
