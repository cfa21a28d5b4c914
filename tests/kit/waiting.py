"""Waiting for a condition outside this process, with a deadline, instead of a sleep."""

import threading
from collections.abc import Callable

TICK_SECONDS = 0.02


def wait_until(condition: Callable[[], bool], timeout: float) -> None:
    """Return when the condition holds or `timeout` seconds have passed; the caller asserts."""
    clock = threading.Event()
    for _ in range(int(timeout / TICK_SECONDS)):
        if condition():
            return
        clock.wait(TICK_SECONDS)
