"""Sealing what must not be read from the database: PINs, account numbers, documents (ADR 0046).

Fernet (AES-128-CBC with HMAC-SHA-256): authenticated, and every token says when it was made. The
first key seals; all of them open, so that a new key can be put in front of the old ones.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_MARKS = b"warp-numbers idempotency fingerprint"


class VaultError(Exception):
    """A key that is none, or bytes that none of the keys opens. Never says what was in them."""


class Vault:
    """Keys of SECRETS_KEY, the newest first. VaultError when there is none or one is malformed."""

    def __init__(self, keys: Sequence[str]) -> None:
        fernets = [_fernet(key) for key in keys]
        if not fernets:
            raise VaultError("A vault needs a key.")
        if None in fernets:
            raise VaultError("A key is 32 bytes, base64url-encoded.")
        usable = [fernet for fernet in fernets if fernet]
        self._fernet = MultiFernet(usable)
        self._first = usable[0]
        # Keys of their own: what marks an input must not be what seals a PIN.
        self._marking = [hmac.digest(key.encode(), _MARKS, hashlib.sha256) for key in keys]

    @classmethod
    def parse(cls, text: str) -> "Vault":
        """The vault of a setting: keys separated by commas, the newest first."""
        return cls([key for part in text.split(",") if (key := part.strip())])

    def __repr__(self) -> str:
        return "Vault(…)"

    def marks(self, text: str) -> tuple[str, ...]:
        """A fingerprint of the text under each key, the newest first.

        A PIN is so short that a plain hash would give it away; without the key this says nothing.
        """
        marked = (hmac.digest(key, text.encode(), hashlib.sha256) for key in self._marking)
        return tuple(mark.hex() for mark in marked)

    def seal(self, text: str) -> bytes:
        """Seal a secret; twice the same text gives different bytes."""
        return self.seal_bytes(text.encode())

    def open(self, sealed: bytes) -> str:
        """What was sealed; VaultError for foreign or damaged bytes, or when their key is gone."""
        return self.open_bytes(sealed).decode()

    def seal_bytes(self, content: bytes) -> bytes:
        """Seal a document; the answer is about a third longer."""
        return self._fernet.encrypt(content)

    def open_bytes(self, sealed: bytes) -> bytes:
        """The document that was sealed; VaultError as `open`."""
        return _opened(self._fernet.decrypt, sealed)

    def newest(self, sealed: bytes) -> bool:
        """Whether the newest key, the one that seals now, opens this."""
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def rotate(self, sealed: bytes) -> bytes:
        """The same secret under the newest key; VaultError as `open`."""
        return _opened(self._fernet.rotate, sealed)


# The errors are raised outside of `except`: what cryptography says may show a key or a secret, and
# a context that is only hidden is still there for whoever walks a chain of exceptions.
def _fernet(key: str) -> Fernet | None:
    try:
        return Fernet(key)
    except ValueError:
        return None


def _opened(way: Callable[[bytes], bytes], sealed: bytes) -> bytes:
    try:
        return way(sealed)
    except InvalidToken:
        pass
    raise VaultError("No key opens this.")
