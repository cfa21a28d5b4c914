"""What a sandbox can be set to: tokens, limits, switches where the real carrier is unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

DEFAULT_TOKEN = "rng_" + "sandbox0" * 6
"""The token of a sandbox that was given none: the carrier's shape, `rng_` and 48 characters."""

DEFAULT_WEBHOOK_SECRET = "whsec_" + "c2FuZGJveDA" * 4
"""Signs the webhooks of a sandbox that was given no secret: 33 bytes that everybody knows."""


class Permission(StrEnum):
    """What a token may do (contract, Transport)."""

    SEARCH = "inventory:search"
    RESERVE = "inventory:reserve"
    ASSIGN = "inventory:assign"
    RELEASE = "inventory:release"
    PORTS_READ = "portability:read"
    PORTS_WRITE = "portability:write"
    PORTS_SUBMIT = "portability:submit"


ALL_PERMISSIONS = frozenset(Permission)


class ReleaseTo(StrEnum):
    """What a released number becomes; the plan says AVAILABLE, the platform's client RESERVED."""

    AVAILABLE = "AVAILABLE"
    RESERVED = "RESERVED"
    QUARANTINE = "QUARANTINE"


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """One sandbox. `data_dir=None` keeps everything in memory; times are seconds."""

    token: str = DEFAULT_TOKEN
    rate_limit: int = 100
    seed: int = 7
    data_dir: Path | None = None
    clock_rate: float = 1.0
    release_to: ReleaseTo = ReleaseTo.AVAILABLE
    # Further tokens with the permissions each has; `token` always has all of them.
    tokens: Mapping[str, frozenset[Permission]] = field(default_factory=dict)
    spid: str = "567G"
    hold_seconds: float = 900.0
    # The rate limit: 429 with `Retry-After` or without, and whether a refused arrival counts too.
    retry_after: bool = True
    count_refused: bool = False
    # Strict: assigning a number that is IN_USE is 409 even when the very same operation repeats it.
    strict: bool = True
    lata_as_text: bool = False
    # Whether the numbers of `magic.py` go wrong as they promise.
    magic: bool = True
    # Numbers of a port project that are validated in a second of the port life.
    validation_rate: float = 5.0
    # Where the webhooks go, without the kind at its end; None sends none. Loopback only.
    webhook_url: str | None = None
    webhook_secrets: tuple[str, ...] = (DEFAULT_WEBHOOK_SECRET,)
    # "A ported-away number may answer 404 although a query by TN still finds it."
    ported_out_is_404: bool = True

    def permissions(self) -> dict[str, frozenset[Permission]]:
        """Every token that is let in, with what it may do."""
        return {**self.tokens, self.token: ALL_PERMISSIONS}
