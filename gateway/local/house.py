"""What `make run` keeps in DATA_DIR besides the two databases: secrets and `dev.json`."""

import json
import secrets
import shlex
import socket
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PASSWORDS = ("jwt_secret", "owner_password", "app_password", "worker_password")


@dataclass(frozen=True)
class LocalSecrets:
    """Secrets of one machine, made once and kept, so that a token outlives a restart."""

    jwt_secret: str
    owner_password: str
    app_password: str
    worker_password: str
    teliport_token: str
    secrets_key: str
    webhook_secret: str

    @classmethod
    def kept_in(cls, data_dir: Path) -> Self:
        """Read the secrets of this data folder, and make those it lacks (file mode 600)."""
        file = data_dir / "secrets.json"
        kept = json.loads(file.read_text()) if file.exists() else {}
        whole = {**_made(), **kept}
        if whole != kept:
            _write_whole(file, json.dumps(whole))
        return cls(**whole)


def _made() -> dict[str, str]:
    return {
        **{name: secrets.token_urlsafe(32) for name in PASSWORDS},
        "teliport_token": "rng_" + secrets.token_hex(24),
        "secrets_key": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "webhook_secret": "whsec_" + b64encode(secrets.token_bytes(32)).decode(),
    }


class PortTaken(Exception):
    """A port that `make run` needs is in use by another program."""

    def __init__(self, port: int, setting: str) -> None:
        super().__init__(
            f"Port {port} is in use by another program. Stop that program, or choose another "
            f"port: {setting}={port + 100} make run"
        )


def free_port(wanted: int, setting: str) -> int:
    """`wanted` if nobody listens there (any free one for 0). Raises PortTaken otherwise."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise PortTaken(wanted, setting) from error
        return int(probe.getsockname()[1])


def write_private(file: Path, settings: Mapping[str, str]) -> None:
    """Write settings as a file for a shell to read, for its owner alone."""
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items()))


def write_dev_json(data_dir: Path, content: dict[str, Any]) -> Path:
    """Write `dev.json` whole or not at all, so that a reader never sees half of it."""
    file = data_dir / "dev.json"
    _write_whole(file, json.dumps(content, indent=2) + "\n")
    return file


def _write_whole(file: Path, text: str) -> None:
    draft = file.with_name(f"{file.name}.new")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(file)
