"""The explorer in a real browser, against the real stack."""

from pathlib import Path

import httpx
import pytest

from tests.clients.node_programs import (
    BUNDLE,
    CHROMIUM,
    need_browser,
    need_bundle,
    need_node,
    node,
)
from tests.kit.live import LiveStack

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("live")]


def test_the_explorer_works_in_a_browser_and_asks_nobody_else(
    live_stack: LiveStack, tmp_path: Path
) -> None:
    need_node()
    need_browser()
    need_bundle()
    said = node(
        "explorer.mjs",
        environment={
            "DEV_JSON": str(live_stack.dev_json),
            "CHROMIUM": str(CHROMIUM),
            "PICTURES": str(tmp_path),
        },
        seconds=240,
    )
    assert "explorer: ok" in said
    assert (tmp_path / "subscription.png").stat().st_size > 20_000


def test_the_page_is_served_where_dev_json_says(live_stack: LiveStack) -> None:
    answer = httpx.get(live_stack.dev["explorerUrl"])
    assert answer.status_code == (200 if BUNDLE.exists() else 503)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
