"""Notices: once for each occasion and recipient, to whom the customer says (S15, I13)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from db import notices as rows
from db import seed
from numbering.actors import Scope
from numbering.notices import NoticeKind
from tests.kit.post import MailServer, mail_server
from tests.workflows.carried_ports import numbers, ordered
from tests.workflows.rig import STAFF, Rig
from workflows import incidents, notices, sweeper
from workflows.commands import RetryIncident
from workflows.mail import Letter, PostAway, PostRefused, SmtpPost
from workflows.notice_words import words

KIND = NoticeKind.PORT_CANCELLED
FACTS = {"project": "Main <b>office</b>", "projectId": "p-1"}


@dataclass
class Shelf:
    """A post that keeps letters, after raising what it is told to."""

    letters: list[Letter] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    async def send(self, letter: Letter) -> None:
        """Keep it."""
        if self.faults:
            raise self.faults.pop(0)
        self.letters.append(letter)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    """A mail server."""
    async with mail_server() as running:
        yield running


async def announced(rig: Rig, occasion: str = "x", kind: NoticeKind = KIND) -> None:
    """Somebody finds out about it."""

    async def work(session: AsyncSession) -> None:
        await notices.announce(session, kind, seed.CUSTOMER_A, occasion, FACTS)

    await rig.services.workshop.transact(Scope.worker(), work)


async def chosen(rig: Rig, *recipients: str, enabled: bool = True) -> None:
    """What the customer wants."""

    async def work(session: AsyncSession) -> None:
        await rows.set_preferences(session, seed.CUSTOMER_A, [(KIND, enabled, recipients)])

    await rig.services.workshop.transact(Scope.worker(), work)


async def kept(rig: Rig) -> list[asyncpg.Record]:
    """All notices with the state of their operations."""
    return await rig.owner.fetch(
        "SELECT n.*, o.state, o.attempt FROM ops.notice n"
        " JOIN ops.operation o ON o.subject = n.id::text ORDER BY n.recipient"
    )


async def test_a_notice_is_sent_once_over_smtp(rig: Rig, server: MailServer) -> None:
    posted = rig.having(post=SmtpPost(server.url, "WARP <numbers@warp.example>"))
    for _ in range(3):
        await announced(rig)
    await posted.settle_due()
    (row,) = await kept(rig)
    assert (row["state"], row["sends"], row["sent_at"] is not None) == ("SUCCEEDED", 1, True)
    (letter,) = server.letters
    assert letter["Message-ID"] == f"<{row['id']}@warp.example>"
    html = letter.get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;office" in html.get_content()
    await announced(rig)
    await posted.settle_due()
    assert len(server.letters) == 1
    await rig.check()


async def test_several_recipients_get_one_each(rig: Rig) -> None:
    await chosen(rig, "b@a.example", "a@a.example", "b@a.example")
    shelf = Shelf()
    await announced(rig)
    await rig.having(post=shelf).settle_due()
    assert sorted(each.recipient for each in shelf.letters) == ["a@a.example", "b@a.example"]
    assert len({each.id for each in shelf.letters}) == 2


async def test_an_empty_list_means_the_customers_own_address(rig: Rig) -> None:
    await chosen(rig)
    await announced(rig)
    (row,) = await kept(rig)
    email = await rig.owner.fetchval(
        "SELECT email FROM accounts.customers WHERE id = $1", seed.CUSTOMER_A
    )
    assert row["recipient"] == email


async def test_who_wants_none_gets_none(rig: Rig) -> None:
    await chosen(rig, "a@a.example", enabled=False)
    await announced(rig)
    assert await kept(rig) == []
    await announced(rig, "y", NoticeKind.PORT_FOC_SET)
    assert len(await kept(rig)) == 1


async def test_a_customer_without_an_address_gets_none(rig: Rig) -> None:
    await rig.owner.execute("UPDATE accounts.customers SET email = NULL")
    await announced(rig)
    assert await kept(rig) == []


async def test_a_server_that_is_away_is_tried_for_a_day_and_then_staff_know(rig: Rig) -> None:
    shelf = Shelf(faults=[PostAway("away")] * 1000)
    away = rig.having(post=shelf)
    await announced(rig)
    for _ in range(400):
        await away.settle_due()
        (row,) = await kept(rig)
        if row["state"] == "ATTENTION":
            break
        assert (row["state"], row["attempt"]) == ("WAITING", 0)
        await away.advance(300)
    assert row["state"] == "ATTENTION"
    assert 280 < row["sends"] < 320
    (incident,) = await rig.incidents()
    assert "away" in incident["summary"]
    shelf.faults.clear()
    await _retried(rig, incident)
    await away.settle_due()
    assert len(shelf.letters) == 1
    assert await rig.incidents() == []
    await rig.check()


async def _retried(rig: Rig, incident: asyncpg.Record) -> None:
    from_staff = RetryIncident(
        incident_id=incident["id"], reason="it is back", idempotency_key=str(incident["id"])
    )
    await incidents.retry(rig.services, STAFF, from_staff)


async def test_a_refusal_for_good_is_tried_three_times(rig: Rig) -> None:
    shelf = Shelf(faults=[PostRefused("550")] * 3)
    refusing = rig.having(post=shelf)
    await announced(rig)
    for _ in range(3):
        await refusing.settle_due()
        await refusing.advance(61)
    (row,) = await kept(rig)
    assert (row["state"], row["sends"]) == ("ATTENTION", 3)
    (incident,) = await rig.incidents()
    assert "refuses" in incident["summary"]


async def test_only_a_worker_that_died_after_sending_repeats_a_letter(rig: Rig) -> None:
    """Sent, and not written down: the same letter goes once more, under the same Message-ID."""
    shelf = Shelf()
    posting = rig.having(post=shelf)
    await announced(rig)
    await posting.settle_due()
    await rig.owner.execute("UPDATE ops.notice SET sent_at = NULL")
    await rig.owner.execute("UPDATE ops.operation SET state = 'QUEUED', finished_at = NULL")
    await posting.settle_due()
    first, second = shelf.letters
    assert first == second
    (row,) = await kept(rig)
    assert row["sends"] == 2


async def test_one_that_was_sent_is_not_sent_again_by_a_retry(rig: Rig) -> None:
    shelf = Shelf()
    posting = rig.having(post=shelf)
    await announced(rig)
    await posting.settle_due()
    await rig.owner.execute("UPDATE ops.operation SET state = 'QUEUED', finished_at = NULL")
    await posting.settle_due()
    assert len(shelf.letters) == 1
    (row,) = await kept(rig)
    assert row["state"] == "SUCCEEDED"


async def test_one_that_nobody_has_in_hand_is_found(rig: Rig) -> None:
    await announced(rig)
    await rig.owner.execute("DELETE FROM ops.operation")
    assert (await sweeper.sweep(rig.services)).notices == 1
    assert (await sweeper.sweep(rig.services)).notices == 0
    await rig.settle_due()
    (row,) = await kept(rig)
    assert row["sent_at"] is not None


# ── the occasions ────────────────────────────────────────────────────────────────────────────────
async def test_a_purchase_is_confirmed_once_for_what_was_bought_together(rig: Rig) -> None:
    shelf = Shelf()
    posting = rig.having(post=shelf)
    bought = rig.free(4)
    cart = await posting.held(*bought)
    await posting.assign(cart, numbers=tuple(bought[:3]))
    await posting.settle_due()
    await posting.assign(cart, numbers=tuple(bought[3:]))
    await posting.settle_due()
    assert [each.subject for each in shelf.letters] == [
        "3 numbers are yours",
        "1 number is yours",
    ]
    for number in bought[:3]:
        assert number.national_format in shelf.letters[0].text
    assert "Monthly cost" in shelf.letters[0].text
    await rig.check()


async def test_a_purchase_that_partly_failed_says_so_and_one_that_failed_says_nothing(
    rig: Rig,
) -> None:
    shelf = Shelf()
    posting = rig.having(post=shelf)
    good, bad = rig.free(2)
    cart = await posting.held(good, bad)
    await rig.sandbox.fault("port_away", path="*/assign", tn=bad.national)
    await posting.assign(cart)
    await posting.quiet()
    (letter,) = shelf.letters
    assert letter.subject == "1 number is yours"
    assert f"could not be bought: {bad.national_format}" in letter.text
    (lost,) = rig.free(1, "720")
    cart = await posting.held(lost)
    await rig.sandbox.fault("port_away", path="*/assign", tn=lost.national)
    await posting.assign(cart)
    await posting.quiet()
    assert len(shelf.letters) == 1


async def test_a_port_is_told_from_check_to_activation(rig: Rig) -> None:
    shelf = Shelf()
    posting = rig.having(post=shelf)
    port = await ordered(posting, *numbers(100, "9108", "9113"))
    await port.advance("FOC_ASSIGNED")
    await port.polled()
    await port.advance("ACTIVATING")
    await port.polled()
    while rig.sandbox.port(port.carrier_id)["next"]:
        await port.advance()
    await port.polled()
    subjects = [each.subject for each in shelf.letters]
    assert subjects == [
        "Main office: all 100 numbers are valid",
        f"Main office: your numbers move on {port.foc_date()}",
        "Main office: 98 of 100 numbers active",
    ]
    assert "(America/New_York)" in shelf.letters[1].text
    assert "(646) 867-9108" in shelf.letters[2].text
    assert (await port.row())["status"] == "PARTIAL"


def test_words_of_every_kind() -> None:
    """Every kind has both forms; nothing of a name gets into the markup."""
    port = {"project": "A&B <i>", "projectId": "p"}
    day = {"focDate": "2026-12-01", "activation": "noon", "cancelUntil": "before"}
    no = {"code": "UNKNOWN", "carrierCode": None, "message": "m", "whatToDo": "w", "numbers": []}
    every = {
        NoticeKind.NUMBERS_PURCHASED: {
            "numbers": [f"+1646867{n:04}" for n in range(60)],
            "failed": [],
            "monthly": "1.00",
            "currency": "USD",
        },
        NoticeKind.PORT_VALIDATED: {"total": 2, "invalid": 1},
        NoticeKind.PORT_REJECTED: no,
        NoticeKind.PORT_FOC_SET: day,
        NoticeKind.PORT_FOC_NEAR: day,
        NoticeKind.PORT_COMPLETE: {"active": 2, "total": 2, "failed": []},
        NoticeKind.PORT_CANCELLED: {},
    }
    assert set(every) == set(NoticeKind)
    for kind, facts in every.items():
        said = words(kind, port | facts)
        assert said.subject
        assert "<i>" not in said.html
        assert said.html.startswith("<!doctype html>")
    many = NoticeKind.NUMBERS_PURCHASED
    assert "and 10 more" in words(many, every[many]).text
