"""Letters, and the ways out: an SMTP server, files, or a line in the log.

One letter has one recipient, so that one who refuses keeps nobody else's from going out. Sent
again it has the same Message-ID, by which mail programs show it once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import aiosmtplib
import structlog

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 20.0
DEFAULT_SENDER = "WARP Numbers <numbers@warp.invalid>"
_PORTS = {"smtp": 25, "smtps": 465}


class PostAway(Exception):
    """Not delivered now; the same letter may be sent again later. Quotes nothing of a server."""


class PostRefused(Exception):
    """The mail server will not take this letter, however often. Quotes nothing of a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One e-mail to one recipient, in both forms; `id` makes its Message-ID."""

    id: str
    recipient: str
    subject: str
    text: str
    html: str
    at: datetime


class Post(Protocol):
    """A way to send letters."""

    async def send(self, letter: Letter) -> None:
        """Hand it over; raises PostAway (try again) or PostRefused (it will not be taken)."""


@dataclass(frozen=True, slots=True)
class LogPost:
    """Only a line in the log, without address or text: for processes without a way out."""

    async def send(self, letter: Letter) -> None:
        """Say that there would have been one."""
        log.info("mail.logged", letter_id=letter.id, subject=letter.subject)


@dataclass(frozen=True, slots=True)
class FilePost:
    """A file for each letter, named by its id: what a developer opens in a mail program."""

    directory: str | Path
    sender: str = DEFAULT_SENDER

    async def send(self, letter: Letter) -> None:
        """Write it; the same letter is the same file."""
        content = message(letter, self.sender).as_bytes()
        try:
            await asyncio.to_thread(self._write, letter.id, content)
        except OSError as error:
            raise PostAway(f"{type(error).__name__} while writing a letter") from None

    def _write(self, name: str, content: bytes) -> None:
        directory = Path(self.directory)
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{name}.eml").write_bytes(content)


@dataclass(frozen=True, slots=True)
class SmtpPost:
    """`url`: smtp://user:password@host:587?starttls=1 or smtps://…; ValueError for another."""

    url: str = field(repr=False)
    sender: str = DEFAULT_SENDER
    patience: float = PATIENCE_SECONDS

    def __post_init__(self) -> None:
        """Fail at the start of a process, not at its first letter."""
        parts = urlsplit(self.url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("SMTP_URL must be smtp://host:port or smtps://host:port")
        address_of(self.sender)

    async def send(self, letter: Letter) -> None:
        """Hand it to the server; done when the server has taken it."""
        parts = urlsplit(self.url)
        try:
            await aiosmtplib.send(
                message(letter, self.sender),
                sender=address_of(self.sender).addr_spec,
                recipients=[letter.recipient],
                hostname=parts.hostname,
                port=parts.port or _PORTS[parts.scheme],
                username=_decoded(parts.username),
                password=_decoded(parts.password),
                use_tls=parts.scheme == "smtps",
                start_tls=_upgrades(parts),
                timeout=self.patience,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _judged(error) from None


def _decoded(part: str | None) -> str | None:
    return None if part is None else unquote(part)


def _upgrades(parts: SplitResult) -> bool:
    return parts.scheme == "smtp" and parse_qs(parts.query).get("starttls") == ["1"]


def _judged(error: BaseException) -> PostAway | PostRefused:
    """5xx about the letter or its recipient is for good; all else may be better later."""
    code = _code(error)
    said = f"{type(error).__name__} {code or ''}".strip()
    return PostRefused(said) if code >= 500 else PostAway(said)


def _code(error: BaseException) -> int:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return max(refusal.code for refusal in error.recipients)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return 0  # our password, not this letter
    return error.code if isinstance(error, aiosmtplib.SMTPResponseException) else 0


def address_of(sender: str) -> Address:
    """The sender as name and address; ValueError for one that cannot send."""
    name, spec = parseaddr(sender)
    try:
        return Address(display_name=name, addr_spec=spec)
    except Exception as error:  # noqa: BLE001  the parser of the standard library raises many kinds
        raise ValueError(f"MAIL_FROM is not an address ({type(error).__name__})") from None


def message(letter: Letter, sender: str) -> EmailMessage:
    """The letter as it travels. No line break of a name or number gets into a header."""
    origin = address_of(sender)
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = " ".join(letter.subject.split())
    mail["From"] = origin
    mail["To"] = letter.recipient
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = f"<{letter.id}@{origin.domain}>"
    # Nobody's absence note answers it (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    return mail
