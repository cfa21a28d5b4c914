"""Log lines as data: tests look at them instead of printing tracebacks by the hundred."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Every line that the test causes."""
    with capture_logs() as lines:
        yield lines
