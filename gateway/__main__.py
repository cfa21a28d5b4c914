"""`python -m gateway …` and `warp-numbers …`: the same commands."""

from gateway.cli import app


def main() -> None:
    """Run the command line."""
    app(prog_name="warp-numbers")


if __name__ == "__main__":
    main()
