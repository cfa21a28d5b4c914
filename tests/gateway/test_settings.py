"""Settings: typed, documented, silent about secrets, and careful about development mode."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from gateway import settings_table
from gateway.settings import Environment, Settings, is_loopback

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_table_of_settings_in_the_docs_is_the_one_in_the_code() -> None:
    assert DOCS.read_text().strip() == settings_table.markdown().strip(), (
        "run: warp-numbers settings > docs/settings.md"
    )


def test_every_setting_has_a_meaning() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_no_secret_shows_in_a_settings_repr_or_error() -> None:
    canary = "rng_canarycanarycanary"
    settings = Settings(teliport_api_token=SecretStr(canary))
    assert canary not in repr(settings)
    with pytest.raises(ValidationError) as refused:
        Settings(
            environment=Environment.DEVELOPMENT,
            teliport_api_url="https://soa-api.ringer.tel/api/v1",
            teliport_api_token=SecretStr(canary),
            jwt_secret=SecretStr("canary-secret"),
        )
    assert "canary" not in str(refused.value)


def test_development_is_refused_against_a_carrier_that_is_not_on_this_machine() -> None:
    with pytest.raises(ValidationError, match="not a loopback address"):
        Settings(environment=Environment.DEVELOPMENT, teliport_api_token=SecretStr("rng_x"))
    assert Settings(
        environment=Environment.DEVELOPMENT,
        teliport_api_token=SecretStr("rng_x"),
        teliport_api_url="http://127.0.0.1:8001/api/v1",
    ).sandboxed


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:1/x", True),
        ("http://127.9.9.9/x", True),
        ("http://[::1]:8/x", True),
        ("https://soa-api.ringer.tel/api/v1", False),
        ("http://10.0.0.1", False),
        ("http://127.0.0.1.evil.example", False),
        ("nonsense", False),
    ],
)
def test_loopback(url: str, *, expected: bool) -> None:
    assert is_loopback(url) is expected


def test_origins_are_split_and_development_adds_the_usual_ports(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://a.example, https://b.example,")
    assert Settings().origins == ("https://a.example", "https://b.example")
    developer = Settings(
        environment=Environment.DEVELOPMENT, teliport_api_url="http://127.0.0.1:1/api/v1"
    )
    assert "http://127.0.0.1:8000" in developer.origins


def test_links_start_with_the_public_url_or_with_this_machine() -> None:
    assert Settings(public_url="https://numbers.example/x").public_base == (
        "https://numbers.example/x"
    )
    assert Settings(gateway_port=8123).public_base == "http://127.0.0.1:8123"
    for bad in ("numbers.example", "ftp://numbers.example", "https://x.example/?a=1"):
        with pytest.raises(ValidationError, match="public_url"):
            Settings(public_url=bad)


def test_letters_go_to_the_log_or_to_a_directory() -> None:
    for bad in ("file:", "smtp", "file"):
        with pytest.raises(ValidationError, match="mail_sink"):
            Settings(mail_sink=bad)


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELIPORT_SPID", "12")
    with pytest.raises(ValidationError, match="teliport_spid"):
        Settings()
