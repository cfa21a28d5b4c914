"""`python -m teliport.sandbox`: the sandbox on its own."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from teliport.sandbox.config import (
    DEFAULT_TOKEN,
    DEFAULT_WEBHOOK_SECRET,
    ReleaseTo,
    SandboxConfig,
)
from teliport.sandbox.loopback import NotLoopback
from teliport.sandbox.outbox import BadSecret
from teliport.sandbox.serve import serve


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m teliport.sandbox", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="a loopback address; any other is refused")
    add("--port", type=int, default=8001, help="0 takes a free one (default: %(default)s)")
    add("--data-dir", type=Path, help="keep the state here; without it, in memory")
    # Better by the environment: a command line is public to every user of the machine.
    token = os.environ.get("TELIPORT_API_TOKEN") or DEFAULT_TOKEN
    add("--token", default=token, help="let in; else that of TELIPORT_API_TOKEN, or a fixed one")
    add("--seed", type=int, default=7, help="of a new inventory (default: %(default)s)")
    add("--rate-limit", type=int, default=100, help="calls in any 60 seconds")
    add("--no-retry-after", action="store_true", help="429 without the header")
    add("--count-refused", action="store_true", help="429s fill the rate window too")
    add("--lenient", action="store_true", help="let the same operation assign again")
    add("--no-magic", action="store_true", help="let the magic numbers behave")
    add("--lata-as-text", action="store_true", help="LATA as a JSON string")
    add("--release-to", type=ReleaseTo, default=ReleaseTo.AVAILABLE, choices=list(ReleaseTo))
    add("--clock-rate", type=float, default=1.0, help="speed of the port life")
    add("--validation-rate", type=float, default=5.0, help="numbers a second of the port life")
    add("--webhook-url", help="tell this loopback address; TELIPORT_WEBHOOK_SECRETS sign it")
    return parser.parse_args(argv)


def _secrets() -> tuple[str, ...]:
    """Those of the environment, comma between them, newest first: each signs every webhook."""
    given = os.environ.get("TELIPORT_WEBHOOK_SECRETS", "").split(",")
    return tuple(filter(None, map(str.strip, given))) or (DEFAULT_WEBHOOK_SECRET,)


def config_of(chosen: argparse.Namespace) -> SandboxConfig:
    """The sandbox that the command line describes."""
    return SandboxConfig(
        token=chosen.token,
        rate_limit=chosen.rate_limit,
        seed=chosen.seed,
        data_dir=chosen.data_dir,
        clock_rate=chosen.clock_rate,
        release_to=chosen.release_to,
        retry_after=not chosen.no_retry_after,
        count_refused=chosen.count_refused,
        strict=not chosen.lenient,
        magic=not chosen.no_magic,
        lata_as_text=chosen.lata_as_text,
        validation_rate=chosen.validation_rate,
        webhook_url=chosen.webhook_url,
        webhook_secrets=_secrets(),
    )


def announce(url: str) -> None:
    """Say where the sandbox is; whoever started it reads this line."""
    sys.stdout.write(f"sandbox ready on {url}\n")
    sys.stdout.flush()


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal; the exit status."""
    chosen = arguments(argv)
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve(config_of(chosen), chosen.host, chosen.port, ready=announce))
    except (NotLoopback, BadSecret, OSError) as refusal:
        sys.stderr.write(f"The sandbox cannot start: {refusal}\n")
        return 1
    return 0


if (
    __name__ == "__main__"
):  # pragma: no cover  (run as a process by the tests, which are not measured)
    sys.exit(main())
