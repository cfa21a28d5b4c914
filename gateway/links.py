"""Signed links to documents: whoever has one may fetch that document for ten minutes (ADR 0045)."""

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from uuid import UUID

LIFETIME_SECONDS = 600
PATH = "/files/port-documents"

_PURPOSE = b"warp-numbers port document link"


class LinkRefused(Exception):
    """The link is not one of ours, or its time is over; the message may be shown."""


class DocumentLinks:
    """Makes links under `base_url` and judges them, with the keys of SECRETS_KEY, newest first."""

    def __init__(
        self, base_url: str, keys: Sequence[str], clock: Callable[[], float] = time.time
    ) -> None:
        self._base = base_url.rstrip("/")
        # Keys of their own: what signs a link must not be what seals a PIN.
        self._keys = [hmac.digest(key.encode(), _PURPOSE, hashlib.sha256) for key in keys]
        self._clock = clock

    def link(self, document_id: UUID) -> str:
        """The address of a document, good for ten minutes."""
        expires = int(self._clock()) + LIFETIME_SECONDS
        signature = _signed(self._keys[0], document_id, expires)
        return f"{self._base}{PATH}/{document_id}?expires={expires}&signature={signature}"

    def judge(self, document_id: UUID, expires: str, signature: str) -> None:
        """Return if the link is ours and still good. Raises LinkRefused."""
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
            raise LinkRefused("This link is not valid; ask for the document's link again.")
        given = signature.encode()
        fits = [
            hmac.compare_digest(_signed(key, document_id, int(expires)).encode(), given)
            for key in self._keys
        ]
        if not any(fits):
            raise LinkRefused("This link is not valid; ask for the document's link again.")
        if int(expires) < self._clock():
            raise LinkRefused("This link has ended; ask for the document's link again.")


def unsigned(document_id: UUID) -> str:
    """What stands for a link where there is no key to sign one; it opens nothing."""
    return f"{PATH}/{document_id}"


def _signed(key: bytes, document_id: UUID, expires: int) -> str:
    return hmac.new(key, f"{document_id}|{expires}".encode(), hashlib.sha256).hexdigest()
