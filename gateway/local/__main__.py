"""`make run`: start everything on this machine, say where it is, stop it all on Ctrl-C."""

import asyncio
import sys

from gateway.local.house import PortTaken
from gateway.local.launcher import StartFailed, run
from gateway.settings import SettingsUnusable, load


def main() -> None:
    """Run until Ctrl-C; exit status 1 with one clear sentence when it cannot start."""
    try:
        asyncio.run(run(load()))
    except (PortTaken, StartFailed, SettingsUnusable) as refused:
        sys.exit(f"\n{refused}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
