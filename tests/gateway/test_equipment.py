"""What settings make of secrets: used, or named without being shown."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.asgi import create_app
from gateway.equipment import links_of, post_of, vault_of, webhook_secrets_of
from gateway.settings import Settings, SettingsUnusable
from tests.gateway.test_files import OTHER_KEY
from tests.kit.stack import SECRETS_KEY, WEBHOOK_SECRET
from workflows.mail import FilePost, LogPost, SmtpPost

DEVELOPMENT = {"environment": "development", "teliport_api_url": "http://127.0.0.1:1"}


def settings(**given: object) -> Settings:
    return Settings(**given)  # type: ignore[arg-type]


def test_the_first_key_seals_and_every_key_opens() -> None:
    old = vault_of(settings(secrets_key=SecretStr(OTHER_KEY)))
    both = vault_of(settings(secrets_key=SecretStr(f" {SECRETS_KEY} , {OTHER_KEY},")))
    new = vault_of(settings(secrets_key=SecretStr(SECRETS_KEY)))
    assert old
    assert both
    assert new
    assert both.open(old.seal("1234")) == "1234"
    assert new.open(both.seal("1234")) == "1234"


def test_production_needs_a_key_and_development_does_not() -> None:
    with pytest.raises(SettingsUnusable, match="Set SECRETS_KEY"):
        vault_of(settings())
    with pytest.raises(SettingsUnusable, match="Set SECRETS_KEY"):
        create_app(settings(jwt_secret=SecretStr("x" * 40)))
    assert vault_of(settings(**DEVELOPMENT)) is None
    assert links_of(settings(**DEVELOPMENT)) is None


@pytest.mark.parametrize(
    "canary", ["canary", "Y2FuYXJ5", "canary" * 8, "ñ" * 44, SECRETS_KEY[:-2] + "canary"]
)
def test_a_bad_key_is_named_by_its_place(canary: str) -> None:
    keys = SecretStr(f"{SECRETS_KEY},{canary}")
    with pytest.raises(SettingsUnusable, match="SECRETS_KEY: key 2 of 2") as caught:
        vault_of(settings(secrets_key=keys))
    assert canary not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("canary", ["canary", "whsec_canary", "whsec_" + "canary!!" * 8])
def test_a_bad_webhook_secret_stops_the_gateway_and_is_named_by_its_place(canary: str) -> None:
    given = settings(
        **DEVELOPMENT, teliport_webhook_secrets=SecretStr(f"{WEBHOOK_SECRET},{canary}")
    )
    for use in (webhook_secrets_of, create_app):
        with pytest.raises(SettingsUnusable, match="secret 2 of 2") as caught:
            use(given)
        assert canary not in str(caught.value)


def test_webhook_secrets_keep_their_order() -> None:
    two = SecretStr(f"{WEBHOOK_SECRET}, another secret of the tests")
    found = webhook_secrets_of(settings(teliport_webhook_secrets=two))
    assert found == (WEBHOOK_SECRET, "another secret of the tests")
    assert webhook_secrets_of(settings()) == ()


def test_letters_go_by_smtp_into_files_or_into_the_log(tmp_path: Path) -> None:
    assert isinstance(post_of(settings()), LogPost)
    filed = post_of(settings(mail_sink=f"file:{tmp_path}", mail_from="A <a@b.example>"))
    assert isinstance(filed, FilePost)
    assert (str(filed.directory), filed.sender) == (str(tmp_path), "A <a@b.example>")
    sent = post_of(
        settings(smtp_url=SecretStr("smtp://u:p@mail.example"), mail_sink=f"file:{tmp_path}")
    )
    assert isinstance(sent, SmtpPost)


@pytest.mark.parametrize("url", ["canary", "http://u:canary@h", "smtp://"])
def test_a_bad_mail_server_is_named_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsUnusable, match="SMTP_URL must be") as caught:
        post_of(settings(smtp_url=SecretStr(url)))
    assert "canary" not in str(caught.value)
