"""Rows S11, S13 and S15 of the fault matrix (research/reliability.md 4.2), cell by cell.

Looks are repeated without harm: whatever goes wrong with the first of each call, the poll or the
delivery ends as if nothing had, and so does a letter.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from db import seed
from numbering.actors import Scope
from numbering.notices import NoticeKind
from tests.kit.post import MailServer, mail_server
from tests.workflows.carried_ports import numbers, ordered, uploaded
from tests.workflows.rig import Rig
from workflows import notices
from workflows.mail import Letter, PostAway, SmtpPost

FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"action": "refuse"},
    "reset before": {"action": "reset_before"},
    "reset after": {"action": "reset_after"},
    "429": {"action": "429"},
    "429 with Retry-After": {"action": "429", "retry_after": 17},
    "500": {"action": "500"},
    "502": {"action": "502"},
    "503": {"action": "503"},
    "slow": {"action": "slow", "seconds": 35},
    "malformed": {"action": "malformed_json"},
    "truncated": {"action": "truncated"},
    "content type": {"action": "wrong_content_type"},
    "html": {"action": "html"},
}
PROJECT = "*/projects/????????-*"
LOOKS = {"progress": "*/progress", "project": PROJECT, "numbers": "*/details"}
READS = {"project": PROJECT, "numbers": "*/details", "inventory": "*/inventory/query"}


async def _spoil(rig: Rig, path: str, fault: str) -> None:
    await rig.sandbox.fault(path=path, times=1, **FAULTS[fault])
    if fault == "slow":
        rig.hasty()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("look", LOOKS)
async def test_a_look_that_goes_wrong_once(rig: Rig, look: str, fault: str) -> None:
    """S11: what was known is kept meanwhile, and the check ends as it would have."""
    port = await uploaded(rig, *numbers(3))
    await port.advance()
    await _spoil(rig, LOOKS[look], fault)
    await rig.settle_due()
    assert (await port.row())["status"] == "VALIDATING"
    await rig.quiet(horizon=600)
    row = await port.row()
    assert (row["status"], row["stale"]) == ("VALIDATED", False)
    assert await port.states() == ["VALID"] * 3
    assert [(each["state"], each["attempt"]) for each in await port.poll()] == [("SUCCEEDED", 0)]
    assert await rig.incidents() == []
    await rig.check()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("read", READS)
async def test_a_delivery_whose_reading_goes_wrong_once(rig: Rig, read: str, fault: str) -> None:
    """S13: every number is a did, once."""
    port = await ordered(rig, *numbers(2))
    await rig.settle_due()  # the poller has had its look, so the delivery is alone
    await port.advance("COMPLETE")
    assert await port.deliver("msg-1", kind="port-activated")
    await _spoil(rig, READS[read], fault)
    await rig.settle_due()
    assert await port.dids() == []
    await rig.quiet(horizon=600)
    assert (await port.row())["status"] == "COMPLETE"
    assert [did["number"] for did in await port.dids()] == [str(each) for each in port.numbers]
    webhook = await rig.owner.fetchrow("SELECT * FROM ops.webhook")
    assert webhook is not None
    assert webhook["outcome"] == "CHANGED"
    assert await rig.incidents() == []
    await rig.check()


# By the command that goes wrong: what the server answers ("" hangs up).
LETTERS = {
    "refused": ("EHLO", "421 too busy"),
    "reset before": ("MAIL", ""),
    "reset after": ("DATA.", ""),
    "try later": ("DATA.", "451 try later"),
    "mailbox busy": ("RCPT", "450 mailbox busy"),
    "refused for good, once": ("RCPT", "550 no such user"),
    "malformed": ("MAIL", "what?"),
    "truncated": ("DATA.", "25"),
}


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    """A mail server."""
    async with mail_server() as running:
        yield running


@pytest.mark.parametrize("fault", LETTERS)
async def test_a_letter_that_goes_wrong_once(rig: Rig, server: MailServer, fault: str) -> None:
    """S15: it is sent again, and arrives."""
    command, reply = LETTERS[fault]
    server.replies[command] = [reply]
    # EHLO that is refused is followed by HELO.
    server.replies["HELO"] = [reply] if command == "EHLO" else []

    async def announce(session: AsyncSession) -> None:
        facts = {"project": "Main office", "projectId": "p-1"}
        await notices.announce(session, NoticeKind.PORT_CANCELLED, seed.CUSTOMER_A, "x", facts)

    await rig.services.workshop.transact(Scope.worker(), announce)
    await rig.having(post=SmtpPost(server.url, "WARP <numbers@warp.example>")).quiet(horizon=600)
    (letter,) = server.letters
    row = await rig.owner.fetchrow("SELECT * FROM ops.notice")
    assert row is not None
    assert letter["Message-ID"] == f"<{row['id']}@warp.example>"
    assert (row["sends"], row["sent_at"] is not None) == (2, True)
    assert await rig.incidents() == []
    await rig.check()


async def test_a_mail_server_that_takes_for_ever() -> None:
    """S15, slow beyond the deadline: the letter waits for another time."""
    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as listening:
        url = f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        letter = Letter(
            id="1",
            recipient="a@a.example",
            subject="s",
            text="t",
            html="h",
            at=datetime(2026, 11, 22, tzinfo=UTC),
        )
        with pytest.raises(PostAway):
            await SmtpPost(url, "WARP <numbers@warp.example>", patience=0.1).send(letter)
        await gone.wait()
