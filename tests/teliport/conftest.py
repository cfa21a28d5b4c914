"""A client on a mocked wire, and what its pace and its observer saw."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import respx

from teliport.call import CallRecord
from teliport.client import Teliport
from tests.kit.paces import RecordingPace
from tests.kit.wire import BASE, TOKEN


@pytest.fixture
def wire() -> Any:
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def pace() -> RecordingPace:
    return RecordingPace()


@pytest.fixture
def seen() -> list[CallRecord]:
    return []


@pytest.fixture
async def carrier(
    wire: respx.Router, pace: RecordingPace, seen: list[CallRecord]
) -> AsyncIterator[Teliport]:
    async with Teliport(
        BASE, TOKEN, "567G", pace=pace, guard=lambda: None, observe=seen.append
    ) as opened:
        yield opened
