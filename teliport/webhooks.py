"""The carrier's webhooks: signing, verifying and reading one delivery (Standard Webhooks).

The signature is HMAC-SHA256 over `id.timestamp.body`, the body as the bytes that came. A delivery
may be signed with several secrets while one replaces another, and we may know several for the same
reason; one pair that fits is enough, and every pair is compared, so that time tells nothing.
"""

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, datetime
from typing import Annotated, Self

import orjson
from pydantic import AfterValidator, Field

from teliport.errors import Malformed
from teliport.wire import Instant, Lenient, Metadata, Wire

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
TOLERANCE_SECONDS = 300
LONGEST_ID = 255
SHORTEST_SECRET = 24

_VERSION = "v1,"
_ENCODED = "whsec_"


class Refused(Exception):
    """A delivery that is not to be believed; the message quotes nothing of it."""


class Forged(Refused):
    """No signature of it fits any of our secrets."""


class Stale(Refused):
    """Signed by the carrier, and too long ago or too far ahead of our clock."""


def sign(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return one signature, `v1,<base64>`; the secret is plain, or `whsec_` and base64."""
    message = b".".join([webhook_id.encode(), str(timestamp).encode(), body])
    digest = hmac.new(_key(secret), message, hashlib.sha256).digest()
    return _VERSION + b64encode(digest).decode()


def headers(secrets: Sequence[str], webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a delivery, signed with each of the secrets."""
    return {
        ID_HEADER: webhook_id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: " ".join(sign(each, webhook_id, timestamp, body) for each in secrets),
    }


def verify(
    secrets: Sequence[str],
    *,
    webhook_id: str,
    timestamp: str,
    signature: str,
    body: bytes,
    now: float,
    tolerance: float = TOLERANCE_SECONDS,
) -> None:
    """Return if one of our secrets signed this within `tolerance` seconds of `now`.

    The texts are those of the headers, empty where there is none; `now` is unix time. Raises Forged
    for what we cannot know to be the carrier's, Stale for what is, at another time.
    """
    if not (webhook_id and timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Forged("the delivery is not signed")
    at = int(timestamp)
    ours = [sign(secret, webhook_id, at, body).encode() for secret in secrets]
    theirs = [each.encode() for each in signature.split()]
    # A list, not a generator: `any` would stop at the first that fits.
    fits = [hmac.compare_digest(one, other) for one in ours for other in theirs]
    if not any(fits):
        raise Forged("no signature fits")
    if abs(now - at) > tolerance:
        raise Stale("the delivery was signed at another time")


def _key(secret: str) -> bytes:
    if not secret.startswith(_ENCODED):
        return secret.encode()
    try:
        return b64decode(secret.removeprefix(_ENCODED), validate=True)
    except binascii.Error:
        raise ValueError("a webhook secret is not base64 after its whsec_") from None


def usable(secret: str) -> bool:
    """Whether the secret can sign: long enough that nobody guesses it, and readable."""
    try:
        return len(_key(secret)) >= SHORTEST_SECRET
    except ValueError:
        return False


def _storable(at: datetime) -> datetime:
    """A moment that is one in UTC too; ValueError for the first and the last of all days."""
    if not 1 < at.year < MAXYEAR:
        raise ValueError("no moment of this world")
    return at


class _Body(Wire):
    type: str = Field(pattern=r"^[\w.:/-]{1,100}$")
    project_id: str = Field(pattern=r"[^.]", min_length=1, max_length=200)
    lsr_id: Lenient[Annotated[str, Field(max_length=200)]] = None
    occurred_at: Lenient[Annotated[Instant, AfterValidator(_storable)]] = None
    sequence: Lenient[Annotated[int, Field(ge=0, lt=2**63)]] = None
    data: Metadata = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message of the carrier; `id` is its webhook-id, the same however often it comes.

    `project_id` is the carrier's, `sequence` counts a project's messages, `data` is as it came.
    """

    id: str
    type: str
    project_id: str
    lsr_id: str | None
    occurred_at: datetime | None
    sequence: int | None
    data: Mapping[str, object] = field(repr=False)

    @classmethod
    def read(cls, webhook_id: str, body: bytes) -> Self:
        """Return the message in a body; raises Malformed, which quotes nothing of it."""
        if not 0 < len(webhook_id) <= LONGEST_ID:
            raise Malformed("unreadable Delivery (id)")
        try:
            loaded = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Malformed("unreadable Delivery (broken JSON)") from None
        read = _Body.read(loaded)
        # No database keeps it: PostgreSQL would refuse the row, each time that it is sent again.
        if any("\0" in value for value in loaded.values() if isinstance(value, str)):
            raise Malformed("unreadable Delivery (NUL)")
        return cls(
            id=webhook_id,
            type=read.type,
            project_id=read.project_id,
            lsr_id=read.lsr_id,
            occurred_at=read.occurred_at,
            sequence=read.sequence,
            data=read.data,
        )
