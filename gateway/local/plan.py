"""What this run will start, decided once: which processes, with which environment.

`DATABASE_URL` set: no embedded PostgreSQL. `TELIPORT_API_URL` set: no sandbox. A carrier that is
not on this machine also means no development mode, no demo data and no dev tokens.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from db.roles import Passwords, Urls
from db.seed import CUSTOMER_A, CUSTOMER_B
from gateway.local.house import LocalSecrets
from gateway.settings import Environment, Settings, is_loopback
from gateway.tokens import mint
from numbering.actors import Role

DEV_TOKEN_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Part:
    """One process: its name, its command after `python`, its environment, where it answers."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    health_url: str


@dataclass(frozen=True)
class Plan:
    """The decided run. `database_urls` is None when the database is ours to start."""

    settings: Settings
    secrets: LocalSecrets
    ports: Mapping[str, int]
    database_urls: Mapping[str, str] | None
    own_sandbox: bool
    sandboxed: bool

    @property
    def passwords(self) -> Passwords:
        """Passwords of the three roles of the embedded cluster."""
        return Passwords(
            owner=self.secrets.owner_password,
            app=self.secrets.app_password,
            worker=self.secrets.worker_password,
        )

    @staticmethod
    def named(urls: Urls) -> dict[str, str]:
        """The roles' URLs under the names of their settings."""
        return {
            "DATABASE_URL": urls.app,
            "WORKER_DATABASE_URL": urls.worker,
            "MIGRATION_DATABASE_URL": urls.owner,
        }

    @property
    def gateway_url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def sandbox_url(self) -> str:
        """Where the sandbox answers."""
        return f"http://127.0.0.1:{self.ports['sandbox']}"

    def parts(self, database_urls: Mapping[str, str]) -> Iterator[Part]:
        """The processes in the order of their start."""
        if self.own_sandbox:
            yield self._sandbox()
        shared = self.environment(database_urls)
        yield Part("worker", ("-m", "gateway", "worker"), shared, self._worker_url("/healthz"))
        yield Part("gateway", ("-m", "gateway", "serve"), shared, f"{self.gateway_url}/healthz")

    def environment(self, database_urls: Mapping[str, str]) -> dict[str, str]:
        """What gateway and worker are given; also in `dev.env`, for `doctor` and other commands."""
        return {**database_urls, **self._shared()}

    def dev_json(self) -> dict[str, Any]:
        """The content of `dev.json`."""
        return {
            "graphqlUrl": f"{self.gateway_url}/graphql",
            "wsUrl": f"{self.gateway_url}/graphql".replace("http", "ws", 1),
            "explorerUrl": f"{self.gateway_url}/admin/graphiql/",
            "sandboxUrl": self.sandbox_url if self.own_sandbox else None,
            "metricsUrl": f"{self.gateway_url}/metrics",
            "workerMetricsUrl": self._worker_url("/metrics"),
            "webhookUrl": self._webhook_url,
            "mailDir": self.mail_dir,
            "tokens": self._tokens(),
        }

    @property
    def mail_dir(self) -> str | None:
        """Where letters are written as files; None where the settings send them elsewhere."""
        given = self.settings.smtp_url.get_secret_value() or "mail_sink" in self._given
        return None if given else str(self.settings.data_dir.resolve() / "mail")

    @property
    def _given(self) -> set[str]:
        return self.settings.model_fields_set

    @property
    def _webhook_url(self) -> str:
        return f"{self.gateway_url}/webhooks/teliport"

    def _worker_url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.ports['worker']}{path}"

    def _sandbox(self) -> Part:
        command = (
            "-m", "teliport.sandbox",
            "--port", str(self.ports["sandbox"]),
            "--data-dir", str(self.settings.data_dir.resolve() / "sandbox"),
            "--rate-limit", str(self.settings.teliport_rate_limit),
            "--clock-rate", self.settings.sandbox_clock.removeprefix("x"),
            "--webhook-url", self._webhook_url,
        )  # fmt: skip
        # Secrets go by the environment: a command line is public to every user.
        secrets = {
            "TELIPORT_API_TOKEN": self.secrets.teliport_token,
            "TELIPORT_WEBHOOK_SECRETS": self.secrets.webhook_secret,
        }
        return Part("sandbox", command, secrets, f"{self.sandbox_url}/_sandbox/health")

    def _shared(self) -> dict[str, str]:
        """What gateway and worker have in common, beside the database."""
        environment = {
            "GATEWAY_PORT": str(self.ports["gateway"]),
            "WORKER_METRICS_PORT": str(self.ports["worker"]),
            "TELIPORT_RATE_LIMIT": str(self.settings.teliport_rate_limit),
            "PUBLIC_URL": self.settings.public_url or self.gateway_url,
            # Our own only where none is given: what was sealed with the given one must open.
            "SECRETS_KEY": self.settings.secrets_key.get_secret_value() or self.secrets.secrets_key,
        }
        if self.mail_dir:
            environment["MAIL_SINK"] = f"file:{self.mail_dir}"
        if self.sandboxed:
            environment |= {
                "ENVIRONMENT": Environment.DEVELOPMENT.value,
                "JWT_SECRET": self.secrets.jwt_secret,
            }
        if self.own_sandbox:
            environment |= {
                "TELIPORT_API_URL": f"{self.sandbox_url}/api/v1",
                "TELIPORT_API_TOKEN": self.secrets.teliport_token,
                "TELIPORT_WEBHOOK_SECRETS": self.secrets.webhook_secret,
            }
        return environment

    def _tokens(self) -> dict[str, str]:
        """Ready tokens for both demo customers and one member of staff; none in production."""
        if not self.sandboxed:
            return {}
        people = {
            "customerA": (
                "alice@aspen.example",
                "Alice Adams",
                Role.CUSTOMER_ADMIN,
                [CUSTOMER_A],
            ),
            "customerB": ("bob@boulder.example", "Bob Brown", Role.CUSTOMER_ADMIN, [CUSTOMER_B]),
            "staff": ("sam@warp.example", "Sam Staff", Role.STAFF, []),
        }
        return {
            key: mint(
                self.secrets.jwt_secret,
                issuer=self.settings.jwt_issuer,
                audience=self.settings.jwt_audience,
                subject=email,
                name=name,
                email=email,
                roles=[role],
                customer_ids=customers,
                lifetime_seconds=DEV_TOKEN_SECONDS,
            )
            for key, (email, name, role, customers) in people.items()
        }


def plan_for(settings: Settings, secrets: LocalSecrets, ports: Mapping[str, int]) -> Plan:
    """Decide from the settings what is ours to start."""
    own_sandbox = "teliport_api_url" not in settings.model_fields_set
    return Plan(
        settings=settings,
        secrets=secrets,
        ports=ports,
        database_urls=_given_databases(settings),
        own_sandbox=own_sandbox,
        sandboxed=own_sandbox or is_loopback(settings.teliport_api_url),
    )


def _given_databases(settings: Settings) -> dict[str, str] | None:
    """The database of the environment, if one is named; the roles default to the one URL."""
    url = settings.database_url.get_secret_value()
    if not url:
        return None
    return {
        "DATABASE_URL": url,
        "WORKER_DATABASE_URL": settings.worker_database_url.get_secret_value() or url,
        "MIGRATION_DATABASE_URL": settings.migration_database_url.get_secret_value() or url,
    }
