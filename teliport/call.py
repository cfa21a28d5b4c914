"""One call to the carrier: what resources ask of the pipeline, and what is known of it after."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from numbering.lanes import Lane
from numbering.pace import Verdict
from teliport.judge import Payload

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file to send, whole in memory; its content shows in no repr."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: `template` is the path with {names}, `names` what stands for them.

    `wait` is how many seconds it may wait for its turn; `is_read` that it can change nothing.
    A call with `files` is sent as multipart/form-data, any other as JSON.
    """

    method: str
    template: str
    is_read: bool
    lane: Lane
    wait: float = 0.0
    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    files: Mapping[str, FilePart] = field(default_factory=dict)

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
