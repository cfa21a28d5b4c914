"""Every setting of every process, read once from the environment.

The table in `docs/settings.md` is generated from the descriptions below (a test keeps it so).
Secrets are `SecretStr`: they cannot be printed by accident.
"""

from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEV_ORIGINS = ("http://localhost:3000", "http://localhost:5173", "http://127.0.0.1:5173")


class SettingsUnusable(Exception):
    """A setting is missing or bad; the message names each, and is all that a person sees."""


class Environment(StrEnum):
    """Where the process runs; development opens introspection and dev tokens."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogFormat(StrEnum):
    """How log lines look: one JSON object a line, or coloured text for a person."""

    JSON = "json"
    CONSOLE = "console"


class Settings(BaseSettings):
    """The environment, typed. Raises pydantic's ValidationError naming each bad setting."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    environment: Environment = Field(
        Environment.PRODUCTION,
        description="`development` opens introspection to all and allows localhost origins.",
    )
    # ── PostgreSQL ──
    database_url: SecretStr = Field(
        SecretStr(""),
        description="Application role: not the owner, no BYPASSRLS. `make run` fills it in.",
    )
    worker_database_url: SecretStr = Field(
        SecretStr(""), description="Worker role: its policies see every customer."
    )
    migration_database_url: SecretStr = Field(
        SecretStr(""), description="Owner of the schemas; used by `migrate` and `doctor` only."
    )
    admin_database_url: SecretStr = Field(
        SecretStr(""),
        description="A superuser's URL of the database `postgres`; used once, by `roles`.",
    )
    database_pool_size: int = Field(10, ge=1, le=100, description="Connections per process.")
    # ── the carrier ──
    teliport_api_url: str = Field(
        "https://soa-api.ringer.tel/api/v1", description="Base URL of Teliport's REST API."
    )
    teliport_api_token: SecretStr = Field(
        SecretStr(""), description="`rng_` and 48 characters; one token serves the platform."
    )
    teliport_spid: str = Field(
        "567G", pattern=r"^[0-9A-Z]{4}$", description="Our Service Provider ID, 4 characters."
    )
    teliport_rate_limit: int = Field(
        100,
        ge=12,
        le=100_000,
        description="Requests a minute that Teliport allows the token; seeds the rate slots.",
    )
    teliport_timeout_seconds: float = Field(
        30.0, gt=0, description="Total time of one carrier call, connect to last byte."
    )
    teliport_webhook_secrets: SecretStr = Field(
        SecretStr(""),
        description="What Teliport signs its webhooks with: 24 bytes or more each, plain or "
        "`whsec_` and base64; comma separated, newest first.",
    )
    # ── ports and notices ──
    secrets_key: SecretStr = Field(
        SecretStr(""),
        description="Seals PINs, account numbers and documents, and signs links to them: 32 bytes "
        "in base64url each; comma separated, newest first. Production needs one.",
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Where people reach the gateway, for links to documents; else this machine.",
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="Mail server for notices: `smtp://user:password@host:587?starttls=1` or "
        "`smtps://…`.",
    )
    mail_from: str = Field(
        "WARP Numbers <numbers@warp.invalid>", description="Sender of the notices."
    )
    mail_sink: str = Field(
        "log",
        pattern=r"^(log|file:.+)$",
        description="Where notices go without SMTP_URL: `log`, or `file:` and a directory.",
    )
    # ── who may ask ──
    jwt_secret: SecretStr = Field(
        SecretStr(""), description="HS256 secret (32 bytes or more); or set JWT_JWKS_URL."
    )
    jwt_jwks_url: str = Field("", description="JWKS URL of the identity provider (RS256, ES256).")
    jwt_issuer: str = Field("warp", description="Required `iss` claim.")
    jwt_audience: str = Field("warp-numbers", description="Required `aud` claim.")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of the portals, comma separated: CORS and WebSocket handshakes."
    )
    # ── behaviour ──
    mutation_wait_seconds: float = Field(
        10.0, ge=0, le=60, description="How long a mutation waits for its outcome event."
    )
    timings_scale: float = Field(
        1.0, gt=0, description="Scales every saga timing (lease, read-back, quarantine). Tests."
    )
    operation_timeout_seconds: float = Field(
        20.0, gt=0, description="A GraphQL query or mutation is cut off after this (code TIMEOUT)."
    )
    cost_limit: int = Field(
        2_000, ge=1, description="Highest cost of one document; a page of 100 dids is about 400."
    )
    cost_bucket: int = Field(
        10_000, ge=1, description="Cost a customer may spend at once, per gateway process."
    )
    cost_refill_per_second: float = Field(
        200.0, gt=0, description="Cost given back to a customer's bucket each second."
    )
    # ── the process ──
    host: str = Field("127.0.0.1", description="Address the gateway listens on.")
    gateway_port: int = Field(8000, ge=0, le=65535, description="Port of the GraphQL endpoint.")
    worker_metrics_port: int = Field(
        8002, ge=0, le=65535, description="Port of the worker's metrics and health; 0 = none."
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: LogFormat = Field(LogFormat.JSON, description="`json` or `console`.")
    # ── make run ──
    data_dir: Path = Field(Path(".data"), description="Data of `make run`: database and sandbox.")
    sandbox_port: int = Field(8001, ge=0, le=65535, description="Port of the Teliport sandbox.")
    sandbox_clock: str = Field(
        "x1",
        pattern=r"^x\d{1,5}$",
        description="Speed of the sandbox's port life, e.g. `x60`. Holds stay in real time.",
    )

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @model_validator(mode="after")
    def _no_development_against_a_real_carrier(self) -> Self:
        if self.development and self.teliport_api_token.get_secret_value() and not self.sandboxed:
            raise ValueError(
                "ENVIRONMENT=development (dev tokens, open introspection) is refused while "
                "TELIPORT_API_URL is not a loopback address; set ENVIRONMENT=production"
            )
        return self

    @property
    def development(self) -> bool:
        """Whether this is a developer's machine."""
        return self.environment is Environment.DEVELOPMENT

    @property
    def sandboxed(self) -> bool:
        """Whether the carrier is on this machine, hence a double and no real money."""
        return is_loopback(self.teliport_api_url)

    @property
    def public_base(self) -> str:
        """What links to the gateway start with."""
        return self.public_url or f"http://127.0.0.1:{self.gateway_port}"

    @property
    def origins(self) -> tuple[str, ...]:
        """Allowed origins; a developer's machine also allows the usual portal ports."""
        extra = (*DEV_ORIGINS, f"http://{self.host}:{self.gateway_port}")
        return self.allowed_origins + (extra if self.development else ())


def load() -> Settings:
    """The settings of this process. Raises SettingsUnusable naming each bad one and why."""
    try:
        return Settings()
    except ValidationError as refused:
        lines = [
            f"{'.'.join(map(str, error['loc'])).upper() or 'SETTINGS'}: {error['msg']}"
            for error in refused.errors(include_url=False, include_input=False)
        ]
        raise SettingsUnusable("\n".join(lines)) from None


def required(name: str, value: SecretStr) -> str:
    """The secret's text. Raises SettingsUnusable naming the setting."""
    text = value.get_secret_value()
    if not text:
        raise SettingsUnusable(f"Set {name}; `warp-numbers settings` lists all settings.")
    return text


def listed(value: SecretStr) -> tuple[str, ...]:
    """The parts of a comma separated secret, in their order."""
    return tuple(part.strip() for part in value.get_secret_value().split(",") if part.strip())


def is_loopback(url: str) -> bool:
    """Whether `url` names this very machine (`localhost`, 127.0.0.0/8 or ::1)."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
