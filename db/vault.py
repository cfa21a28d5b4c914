"""Sealing what must not be read from the database: PINs, account numbers, documents (ADR 0046).

Fernet (AES-128-CBC with HMAC-SHA-256): authenticated, and every token says when it was made. The
first key seals; all of them open, so that a new key can be put in front of the old ones.
"""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class VaultError(Exception):
    """A key that is none, or bytes that none of the keys opens. Never says what was in them."""


class Vault:
    """Keys of SECRETS_KEY, the newest first. VaultError when there is none or one is malformed."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise VaultError("A vault needs a key.")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            # Without its cause: that holds the key.
            raise VaultError("A key is 32 bytes, base64url-encoded.") from None

    @classmethod
    def parse(cls, text: str) -> "Vault":
        """The vault of a setting: keys separated by commas, the newest first."""
        return cls([key for part in text.split(",") if (key := part.strip())])

    def __repr__(self) -> str:
        return "Vault(…)"

    def seal(self, text: str) -> bytes:
        """Seal a secret; twice the same text gives different bytes."""
        return self.seal_bytes(text.encode())

    def open(self, sealed: bytes) -> str:
        """What was sealed; VaultError for foreign, damaged or lost-key bytes."""
        return self.open_bytes(sealed).decode()

    def seal_bytes(self, content: bytes) -> bytes:
        """Seal a document; the answer is about a third longer."""
        return self._fernet.encrypt(content)

    def open_bytes(self, sealed: bytes) -> bytes:
        """The document that was sealed; VaultError as `open`."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise VaultError("No key opens this.") from None

    def rotate(self, sealed: bytes) -> bytes:
        """The same secret under the newest key; VaultError as `open`."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise VaultError("No key opens this.") from None
