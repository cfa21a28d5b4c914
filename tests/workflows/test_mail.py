"""Letters as they travel, over a real socket, into files and into the log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.kit.post import MailServer, mail_server
from workflows.mail import FilePost, Letter, LogPost, PostAway, PostRefused, SmtpPost

LETTER = Letter(
    id="0192-abc",
    recipient="alice@aspen.example",
    subject="98 of 100 numbers active",
    text="They are yours.\n",
    html="<p>They are yours.</p>",
    at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
)
SENDER = "WARP Numbers <numbers@warp.example>"


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    """A mail server."""
    async with mail_server() as running:
        yield running


async def test_a_letter_arrives_in_both_forms(server: MailServer) -> None:
    await SmtpPost(server.url, SENDER).send(LETTER)
    (letter,) = server.letters
    assert letter["Subject"] == LETTER.subject
    assert letter["From"] == SENDER
    assert letter["To"] == LETTER.recipient
    assert letter["Message-ID"] == "<0192-abc@warp.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"] == "Sun, 22 Nov 2026 12:00:00 +0000"
    parts = {part.get_content_type(): part.get_content() for part in letter.iter_parts()}
    assert parts["text/plain"].strip() == "They are yours."
    assert "<p>They are yours.</p>" in parts["text/html"]
    assert server.recipients == [LETTER.recipient]


async def test_no_line_of_a_subject_becomes_a_header(server: MailServer) -> None:
    letter = replace(LETTER, subject="Main\r\nBcc: eve@evil.example\n office")
    await SmtpPost(server.url, SENDER).send(letter)
    (got,) = server.letters
    assert got["Subject"] == "Main Bcc: eve@evil.example office"
    assert got["Bcc"] is None
    assert server.recipients == [LETTER.recipient]


@pytest.mark.parametrize(
    ("command", "reply", "error"),
    [
        ("RCPT", "550 no such user", PostRefused),
        ("RCPT", "450 mailbox busy", PostAway),
        ("DATA.", "554 looks like spam", PostRefused),
        ("DATA.", "451 try later", PostAway),
        ("DATA.", "", PostAway),
        ("EHLO", "", PostAway),
        ("MAIL", "553 sender refused", PostRefused),
    ],
)
async def test_what_a_server_refuses(
    server: MailServer, command: str, reply: str, error: type[Exception]
) -> None:
    server.replies[command] = [reply]
    with pytest.raises(error) as caught:
        await SmtpPost(server.url, SENDER).send(LETTER)
    assert "user" not in str(caught.value)
    assert "spam" not in str(caught.value)
    await SmtpPost(server.url, SENDER).send(LETTER)
    assert len(server.letters) == 1


async def test_a_refused_password_is_not_the_letters_fault(server: MailServer) -> None:
    server.replies["EHLO"] = ["250-mail.test\r\n250 AUTH PLAIN"]
    server.replies["AUTH"] = ["535 who are you"]
    url = server.url.replace("//", "//warp:p%40ss@")
    with pytest.raises(PostAway, match="SMTPAuthenticationError"):
        await SmtpPost(url, SENDER).send(LETTER)
    assert "AUTH" in server.said


async def test_a_server_without_the_promised_encryption_gets_nothing(server: MailServer) -> None:
    with pytest.raises(PostAway):
        await SmtpPost(f"{server.url}?starttls=1", SENDER).send(LETTER)
    assert "MAIL" not in server.said


async def test_nobody_there() -> None:
    async with mail_server() as gone:
        url = gone.url
    with pytest.raises(PostAway):
        await SmtpPost(url, SENDER).send(LETTER)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail.example", SENDER),
        ("smtp://", SENDER),
        ("smtp://mail.example", "nobody"),
        ("smtp://mail.example", "a@b@c <"),
        ("smtp://mail.example", ""),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(url: str, sender: str) -> None:
    with pytest.raises(ValueError, match=r"SMTP_URL|MAIL_FROM"):
        SmtpPost(url, sender)


def test_a_password_is_in_no_repr() -> None:
    assert "hush" not in repr(SmtpPost("smtp://warp:hush@mail.example", SENDER))


async def test_a_file_for_each_letter(tmp_path: Path) -> None:
    post = FilePost(tmp_path / "mail", SENDER)
    await post.send(LETTER)
    await post.send(LETTER)
    (file,) = (tmp_path / "mail").iterdir()
    letter = message_from_bytes(file.read_bytes(), policy=default)
    assert letter["Subject"] == LETTER.subject


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(PostAway):
        await FilePost(tmp_path / "mail").send(LETTER)


async def test_the_log_has_no_address() -> None:
    with capture_logs() as logs:
        await LogPost().send(LETTER)
    assert logs[0]["letter_id"] == LETTER.id
    assert "alice" not in str(logs)
