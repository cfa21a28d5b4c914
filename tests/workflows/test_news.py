"""What the carrier says, taken in: verdicts, orders, rejections, cancellations; never backwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from db import port_projects
from db.ids import new_id
from numbering.actors import Scope
from numbering.lanes import Lane
from tests.workflows.carried_ports import Port, numbers, ordered, uploaded
from tests.workflows.rig import Rig
from workflows import carrier_news
from workflows.news_terms import CARRIER, News, Outcome


async def taken(port: Port, news: News | None = None, **asked: Any) -> Outcome:
    """One look, taken in."""
    services = port.rig.services
    news = news or await carrier_news.gather(
        services, port.carrier_id, lane=Lane.BULK, rows=asked.pop("rows", True)
    )

    async def work(session: Any) -> Outcome:
        project = await port_projects.locked(session, port.id)
        assert project is not None
        return await carrier_news.take_in(
            session, services, project, news, cause="test", actor=CARRIER
        )

    return await services.workshop.transact(Scope.worker(), work)


# ── verdicts ─────────────────────────────────────────────────────────────────────────────────────
async def test_verdicts_with_what_to_fix(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(5, "9101", "9105"))
    await port.advance()
    assert await taken(port) is Outcome.CHANGED
    row = await port.row()
    assert row["status"] == "NEEDS_FIXES"
    assert await port.states() == ["VALID"] * 3 + ["INVALID"] * 2
    (mismatch,), (account,) = [each["errors"] for each in (await port.rows())[3:]]
    assert mismatch["code"] == "BTN_MISMATCH"
    assert mismatch["fixable"] is True
    assert mismatch["suggested"]["field"] == "btn"
    assert account["code"] == "ACCOUNT_NUMBER_MISMATCH"
    assert account["got"] is account["expected"] is None
    assert "A-1" not in str(await port.rows())
    assert (await port.history())[-1] == "5 numbers checked: 3 valid, 2 to be fixed"
    assert await port.notices() == ["PORT_VALIDATED"]
    assert await taken(port) is Outcome.NOTHING
    assert await port.notices() == ["PORT_VALIDATED"]


async def test_news_of_an_older_job_say_nothing_of_the_numbers(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(2))
    await port.write("UPDATE voice.port_projects SET job_id = 'a newer one' WHERE id = $1")
    await port.advance()
    assert await taken(port) is Outcome.NOTHING
    assert await port.states() == ["VALIDATING"] * 2
    assert (await port.row())["checked_count"] == 0


async def test_a_number_edited_since_is_left_alone_and_keeps_the_project_open(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(3))
    await port.write(
        "UPDATE voice.port_numbers SET version = 2, state = 'PENDING' WHERE project_id = $1"
        " AND number = $2",
        str(port.numbers[1]),
    )
    await port.advance()
    await taken(port)
    assert await port.states() == ["VALID", "PENDING", "VALID"]
    assert (await port.row())["status"] == "VALIDATING"


async def test_fields_that_the_carrier_was_not_told_yet_keep_the_project_open(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(1))
    await port.write("UPDATE voice.port_projects SET version = 2 WHERE id = $1")
    await port.advance()
    await taken(port)
    assert (await port.row())["status"] == "VALIDATING"


async def test_while_something_is_being_told_nothing_is_concluded(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(2))
    await port.write(
        "INSERT INTO ops.operation (id, kind, kind_group, subject, lane, request, sent, actor)"
        " VALUES ($2, 'PORT_UPLOAD', 'port', $1::uuid::text, 'BULK', '{}', '{}', '{}')",
        new_id(),
    )
    await port.advance()
    assert await taken(port) is Outcome.CHANGED
    assert await port.states() == ["VALID"] * 2
    assert (await port.row())["status"] == "VALIDATING"


async def test_a_row_that_the_carrier_still_checks_waits(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(2))
    await port.advance()
    news = await carrier_news.gather(rig.services, port.carrier_id, lane=Lane.BULK, rows=True)
    assert news.rows is not None
    first, second = news.rows
    await port.write(
        "UPDATE voice.port_numbers SET state = 'PENDING' WHERE project_id = $1 AND number = $2",
        str(second.number),
    )
    odd = second.model_copy(update={"status": "PENDING"})
    assert await taken(port, replace(news, rows=(first, odd))) is Outcome.CHANGED
    assert await port.states() == ["VALID", "PENDING"]
    assert (await port.row())["status"] == "VALIDATING"


async def test_a_check_that_breaks_down_names_those_that_it_missed(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(3, "9112"))
    await rig.advance(30)
    await taken(port)
    assert (await port.row())["status"] == "NEEDS_FIXES"
    states = dict(zip([str(n) for n in port.numbers], await port.states(), strict=True))
    assert states["+16468679112"] == "INVALID"
    (error,) = (await port.rows())[-1]["errors"]
    assert "checked again" in error["message"]


async def test_a_project_whose_numbers_were_all_removed_is_a_draft(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(1))
    await port.write(
        "UPDATE voice.port_numbers SET removed_at = ops.now(), removal_pushed = true"
        " WHERE project_id = $1"
    )
    await port.advance()
    await taken(port)
    assert (await port.row())["status"] == "DRAFT"
    assert await port.notices() == []


async def test_a_rate_that_the_carrier_does_not_tell_is_measured(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(100))
    looks = []
    for seconds in (0, 4, 4):
        await rig.advance(seconds)
        progress = await port.portability.progress(port.carrier_id, lane=Lane.BULK)
        looks.append(progress.model_copy(update={"rate": None}))
        await taken(port, News(progress=looks[-1]))
    assert (await port.row())["checked_rate"] == pytest.approx(5, abs=1.5)


# ── orders ───────────────────────────────────────────────────────────────────────────────────────
async def test_an_order_on_its_way(rig: Rig) -> None:
    port = await ordered(rig, *numbers(2))
    for status in ("PENDING", "CONFIRMED", "FOC_ASSIGNED", "ACTIVATING"):
        await port.advance(status)
        assert await taken(port) is Outcome.CHANGED
        assert (await port.row())["status"] == status
        assert await taken(port) is Outcome.NOTHING
    row = await port.row()
    assert row["foc_date"] == port.foc_date()
    assert (await port.notices())[1:] == ["PORT_FOC_SET"]
    assert len(await port.history()) == 5


async def test_nothing_goes_back(rig: Rig) -> None:
    port = await ordered(rig, *numbers(2))
    looks = []
    for status in ("PENDING", "CONFIRMED", "FOC_ASSIGNED", "ACTIVATING"):
        await port.advance(status)
        looks.append(
            await carrier_news.gather(rig.services, port.carrier_id, lane=Lane.BULK, rows=True)
        )
    await port.advance("COMPLETE")
    await taken(port)
    before = dict(await port.row())
    for news in reversed(looks):
        assert await taken(port, news) is Outcome.LATE
    assert dict(await port.row()) == before
    await rig.quiet()
    await rig.check()


async def test_a_new_day_is_told_again(rig: Rig) -> None:
    port = await ordered(rig, *numbers(1))
    await port.advance("FOC_ASSIGNED")
    news = await carrier_news.gather(rig.services, port.carrier_id, lane=Lane.BULK, rows=False)
    await taken(port, news)
    assert news.record is not None
    assert news.record.foc_date is not None
    moved = news.record.foc_date + timedelta(days=7)
    later = News(record=news.record.model_copy(update={"foc_date": moved}))
    assert await taken(port, later) is Outcome.CHANGED
    assert (await port.row())["foc_date"] == moved
    assert await port.notices() == ["PORT_VALIDATED", "PORT_FOC_SET", "PORT_FOC_SET"]


async def test_an_agreement_without_a_day(rig: Rig) -> None:
    port = await ordered(rig, *numbers(1))
    await port.advance("FOC_ASSIGNED")
    news = await carrier_news.gather(rig.services, port.carrier_id, lane=Lane.BULK, rows=False)
    assert news.record is not None
    vague = News(record=news.record.model_copy(update={"foc_date": None}))
    assert await taken(port, vague) is Outcome.CHANGED
    assert (await port.row())["status"] == "FOC_ASSIGNED"
    assert "PORT_FOC_SET" not in await port.notices()


async def test_a_rejection_gives_the_project_back(rig: Rig) -> None:
    port = await ordered(rig, *numbers(3, "9109"))
    await port.advance("REJECTED")
    assert await taken(port) is Outcome.CHANGED
    row = await port.row()
    assert (row["status"], row["attempt"]) == ("REJECTED", 2)
    said = row["rejection"]
    assert said["code"] == "ACCOUNT_NUMBER_MISMATCH"
    assert said["carrier_code"] == "8A"
    assert said["numbers"] == ["+16468679109"]
    assert await port.states() == ["VALID", "VALID", "REJECTED"]
    assert (await port.rows())[-1]["errors"][0]["code"] == said["code"]
    attempt = await rig.owner.fetchrow("SELECT * FROM voice.port_attempts")
    assert attempt is not None
    assert (attempt["ended_as"], attempt["rejection"]["carrier_code"]) == ("REJECTED", "8A")
    assert "8A" in (await port.history())[-1]
    line = await rig.owner.fetchval("SELECT carrier_code FROM voice.port_events ORDER BY seq DESC")
    assert line == "8A"
    assert (await port.notices())[-1] == "PORT_REJECTED"
    assert await taken(port) is Outcome.LATE
    await rig.quiet()
    await rig.check()


async def test_after_a_rejection_the_next_order_counts(rig: Rig) -> None:
    port = await ordered(rig, *numbers(3, "9109"))
    await port.advance("REJECTED")
    old = await carrier_news.gather(rig.services, port.carrier_id, lane=Lane.BULK, rows=True)
    await taken(port, old)
    again = await port.submitted()
    assert again.lsr_id != port.lsr_id
    assert await taken(again, old) is Outcome.LATE
    assert (await again.row())["status"] == "SUBMITTED"
    await again.advance("COMPLETE")
    assert await taken(again) is Outcome.CHANGED
    assert (await again.row())["status"] == "COMPLETE"
    await rig.quiet()
    await rig.check()


async def test_a_rejection_that_names_nobody(rig: Rig) -> None:
    port = await ordered(rig, *numbers(2))
    await port.reject()
    news = await carrier_news.gather(rig.services, port.carrier_id, lane=Lane.BULK, rows=False)
    assert news.record is not None
    silent = News(record=news.record.model_copy(update={"rejection": None}))
    assert await taken(port, silent) is Outcome.CHANGED
    row = await port.row()
    assert row["rejection"]["code"] == "UNKNOWN"
    assert await port.states() == ["VALID"] * 2


async def test_an_order_that_we_have_not_seen_through_is_early(rig: Rig) -> None:
    port = await uploaded(rig, *numbers(1))
    await port.advance()
    await taken(port)
    await port.portability.submit(port.carrier_id, port.foc_date(), lane=Lane.BULK)
    assert await taken(port) is Outcome.EARLY
    assert (await port.row())["status"] == "VALIDATED"


async def test_a_cancellation_ends_it(rig: Rig) -> None:
    port = await ordered(rig, *numbers(2))
    await port.portability.cancel(port.carrier_id, "changed our minds", lane=Lane.BULK)
    assert await taken(port) is Outcome.CHANGED
    row = await port.row()
    assert row["status"] == "CANCELLED"
    assert await port.states() == ["CANCELLED"] * 2
    assert await taken(port) is Outcome.NOTHING
    assert (await port.notices()).count("PORT_CANCELLED") == 1
    audit = await rig.owner.fetchrow("SELECT * FROM ops.audit WHERE action = 'PORT_CANCEL'")
    assert audit is not None
    await rig.quiet()
    await rig.check()


async def test_news_of_what_is_over_change_nothing(rig: Rig) -> None:
    port = await ordered(rig, *numbers(1))
    before = await carrier_news.gather(rig.services, port.carrier_id, lane=Lane.BULK, rows=True)
    await port.portability.cancel(port.carrier_id, "x", lane=Lane.BULK)
    gone = await carrier_news.gather(rig.services, port.carrier_id, lane=Lane.BULK, rows=True)
    await taken(port, gone)
    assert await taken(port, before) is Outcome.LATE
    await port.write("UPDATE voice.port_projects SET status = 'ACTIVATING' WHERE id = $1")
    assert await taken(port, gone) is Outcome.LATE
    assert before.record is not None
    rejected = News(record=before.record.model_copy(update={"status": "REJECTED"}))
    assert await taken(port, rejected) is Outcome.LATE


@pytest.mark.parametrize("told", ["PENDING", "CONFIRMED", "FOC_ASSIGNED"])
async def test_while_a_cancellation_is_asked_for_only_what_overtakes_it_counts(
    rig: Rig, told: str
) -> None:
    port = await ordered(rig, *numbers(1))
    await port.advance(told)
    await port.write("UPDATE voice.port_projects SET status = 'CANCELLING' WHERE id = $1")
    assert await taken(port) in {Outcome.LATE, Outcome.NOTHING}
    assert (await port.row())["status"] == "CANCELLING"
    await port.advance("ACTIVATING")
    assert await taken(port) is Outcome.CHANGED
    assert (await port.row())["status"] == "ACTIVATING"


async def test_a_status_that_we_do_not_know_changes_nothing(rig: Rig) -> None:
    port = await ordered(rig, *numbers(1))
    news = await carrier_news.gather(rig.services, port.carrier_id, lane=Lane.BULK, rows=False)
    assert news.record is not None
    odd = News(record=news.record.model_copy(update={"status": "ON_HOLD"}))
    assert await taken(port, odd) is Outcome.NOTHING


async def test_without_webhooks_the_poller_gets_there(rig: Rig) -> None:
    port = await ordered(rig, *numbers(3))
    for _ in range(24 * 4 * 16):
        if (await port.row())["status"] == "COMPLETE":
            break
        await rig.advance(3600)
        await rig.settle_due()
    assert (await port.row())["status"] == "COMPLETE"
    assert len(await port.dids()) == 3
    assert [poll["state"] for poll in await port.poll()][-1] == "SUCCEEDED"
    await rig.quiet()
    await rig.check()
