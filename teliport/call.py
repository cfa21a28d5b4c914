"""One call to the carrier: what resources ask of the pipeline, and what is known of it after."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from numbering.lanes import Lane
from numbering.pace import Verdict
from teliport.judge import Payload

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: `template` is the path with {names}, `names` what stands for them.

    `wait` is how many seconds it may wait for its turn; `is_read` that it can change nothing.
    """

    method: str
    template: str
    is_read: bool
    lane: Lane
    wait: float = 0.0
    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None

    @property
    def path(self) -> str:
        """The path to send."""
        return self.template.format_map(self.names)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A finished call, for metrics and logs.

    `verdict` is None if the pace let nothing out, `error` a class name of `errors` or None.
    """

    method: str
    path: str
    lane: Lane
    status: int | None
    verdict: Verdict | None
    error: str | None
    seconds: float


class Caller(Protocol):
    """The pipeline, as the resources see it."""

    async def call(self, call: Call, parse: Callable[[Payload], T]) -> T:
        """Make the call and return `parse` of the answer; raises TeliportError."""
        ...
