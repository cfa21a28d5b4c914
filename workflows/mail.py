"""Letters, and the ways out: SMTP, files or the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class PostAway(Exception):
    """Not delivered now; the same letter may be sent again later."""


class PostRefused(Exception):
    """The mail server will not take this letter, however often it is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One e-mail to one recipient, in both forms."""

    id: str
    recipient: str
    subject: str
    text: str
    html: str


class Post(Protocol):
    """A way to send letters."""

    async def send(self, letter: Letter) -> None:
        """Send it. Raises PostAway or PostRefused."""


class LogPost:
    """Only a line in the log."""

    async def send(self, letter: Letter) -> None:
        """Send it."""


class FilePost:
    """Files in a directory."""

    def __init__(self, directory: str, sender: str = "") -> None:
        """Write into this directory."""

    async def send(self, letter: Letter) -> None:
        """Send it."""


class SmtpPost:
    """An SMTP server."""

    def __init__(self, url: str, sender: str) -> None:
        """`url`: smtp://user:password@host:587?starttls=1 or smtps://…."""

    async def send(self, letter: Letter) -> None:
        """Send it."""
