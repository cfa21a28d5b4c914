"""Named places at which a test may let a worker die (WARP_CRASHPOINT=name:nth).

Off unless that variable is set, and then this process kills itself without a word, as the kernel or
a power cut would: no `finally`, no rollback, no answer.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

VARIABLE = "WARP_CRASHPOINT"
_passed: Counter[str] = Counter()


def crashpoint(name: str) -> None:
    """Die here if this is the place, at the nth time it is passed (the first, if not said)."""
    wanted, _, nth = os.environ.get(VARIABLE, "").partition(":")
    if wanted != name:
        return
    _passed[name] += 1  # pragma: crash point
    if _passed[name] == int(nth or 1):  # pragma: crash point
        os.kill(os.getpid(), signal.SIGKILL)  # pragma: crash point
