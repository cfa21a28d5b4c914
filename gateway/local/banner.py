"""What `make run` prints: progress while it starts, then where everything is."""

import sys
import time
from typing import Any

from gateway.local.plan import Plan

BEGAN = time.monotonic()
CYAN, BOLD, DIM, END = (
    ("\033[36m", "\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("",) * 4
)

FIRST_QUERY = """\
query FirstNumbers {
  searchInventory(input: { npas: ["303"], state: "CO" }, first: 5) {
    totalCount
    nodes { nationalFormat place { rateCenter state } monthlyCost { amount currency } }
  }
}"""


def say(line: str) -> None:
    """One line of progress with the seconds since the start."""
    print(f"{CYAN}›{END} {line} {DIM}({time.monotonic() - BEGAN:.1f} s){END}", flush=True)


def show(dev: dict[str, Any], plan: Plan) -> None:
    """The URLs, the tokens and a first query to paste."""
    rows = [
        ("GraphQL", dev["graphqlUrl"]),
        ("WebSocket", dev["wsUrl"]),
        ("Explorer", dev["explorerUrl"]),
        ("Metrics", f"{dev['metricsUrl']}  {dev['workerMetricsUrl']}"),
        ("Sandbox", dev["sandboxUrl"] or "none: the carrier of TELIPORT_API_URL is in use"),
        ("Mail", dev["mailDir"] or "sent as SMTP_URL or MAIL_SINK say"),
        ("Data, logs", str(plan.settings.data_dir.resolve())),
    ]
    print(f"\n{BOLD}WARP Numbers is running.{END} Ctrl-C stops all of it; the data stays.\n")
    for name, value in rows:
        print(f"  {name:<11} {value}")
    for who, token in dev["tokens"].items():
        print(f"\n  {BOLD}{who}{END}\n  {token}")
    if dev["tokens"]:
        print("\nOpen the explorer, paste a token into its token box, then run:\n")
        print("\n".join(f"  {line}" for line in FIRST_QUERY.splitlines()))
    print(flush=True)
