"""`python -m gateway …` and `warp-numbers …`: the same commands."""

import sys

from db.errors import DatabaseFault
from gateway.cli import app
from gateway.settings import SettingsUnusable


def main() -> None:
    """Run the command line; what an operator can mend ends it in words, not in a traceback."""
    try:
        app(prog_name="warp-numbers")
    except (SettingsUnusable, DatabaseFault) as told:
        sys.exit(str(told))


if __name__ == "__main__":
    main()
