"""What is sealed is opened by the right keys only, and nothing of it is ever said."""

import traceback

import pytest
from cryptography.fernet import Fernet

from db.vault import Vault, VaultError

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))
SECRET = "acct-4711 ü"


def test_a_secret_comes_back_and_looks_different_each_time() -> None:
    vault = Vault([NEW])
    first, second = vault.seal(SECRET), vault.seal(SECRET)
    assert first != second
    assert SECRET.encode() not in first
    assert vault.open(first) == vault.open(second) == SECRET
    assert vault.open_bytes(vault.seal_bytes(b"%PDF\x00\xff")) == b"%PDF\x00\xff"


def test_keys_rotate() -> None:
    sealed = Vault([OLD]).seal(SECRET)
    both = Vault.parse(f" {NEW} , {OLD},")
    assert both.open(sealed) == SECRET
    with pytest.raises(VaultError):
        Vault([NEW]).open(sealed)
    # New secrets need the old key no more, and neither do those that were sealed again.
    assert Vault([NEW]).open(both.seal(SECRET)) == SECRET
    assert Vault([NEW]).open(both.rotate(sealed)) == SECRET


@pytest.mark.parametrize(
    "sealed",
    [b"", b"gAAAA", Vault([OTHER]).seal(SECRET), Vault([NEW]).seal(SECRET)[:-4] + b"AAA="],
    ids=["empty", "short", "foreign", "damaged"],
)
def test_what_no_key_opens_is_an_error_without_text(sealed: bytes) -> None:
    vault = Vault([NEW, OLD])
    for attempt in (vault.open, vault.open_bytes, vault.rotate):
        with pytest.raises(VaultError) as caught:
            attempt(sealed)
        assert str(caught.value) == "No key opens this."
        assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "text",
    ["", " , ", "short", "ü" * 44, NEW[:-2], f"{NEW},{NEW[1:]}"],
    ids=["none", "blanks", "short", "not-ascii", "cut", "second"],
)
def test_malformed_keys_are_refused_without_showing_them(text: str) -> None:
    with pytest.raises(VaultError) as caught:
        Vault.parse(text)
    assert caught.value.__context__ is None
    shown = "".join(traceback.format_exception(caught.value))
    assert NEW not in shown
    assert not text.strip(" ,") or text not in str(caught.value)


def test_a_vault_shows_nothing_of_its_keys() -> None:
    vault = Vault([NEW, OLD])
    for shown in (repr(vault), str(vault), f"{vault}"):
        assert shown == "Vault(…)"
