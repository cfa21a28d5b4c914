"""Notices by a transactional outbox: rows in the transaction of their occasion, then operations.

Each (occasion, recipient) is one row and so at most one letter, whoever finds out and how often
(invariant I13). It is sent again only if nobody can know that it was: a worker that died between
the server's answer and our commit, or a server that did not answer (S15).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, customers, notices
from db.tables import Notice, Operation
from numbering.actors import Actor, Scope
from numbering.lifecycle import OperationKind
from numbering.notices import NoticeKind
from workflows import errands, recording
from workflows.crashpoints import crashpoint
from workflows.grip import Grip
from workflows.mail import Letter, PostAway, PostRefused
from workflows.notice_words import words

if TYPE_CHECKING:
    from workflows.wiring import Services

log = structlog.get_logger(__name__)

POSTMAN = Actor.system("notices")
PATIENCE = timedelta(days=1)
"""How long a mail server may be away before staff are told."""
REFUSALS = 3
"""So often a server may say that it will never take a letter; some mean "not today"."""
_REFUSED_PAUSE = 60.0


async def announce(
    session: AsyncSession,
    kind: NoticeKind,
    customer_id: UUID,
    occasion: str,
    facts: Mapping[str, Any],
) -> None:
    """Tell a customer what happened, by e-mail, once per occasion; nothing if they want none.

    `occasion` names it uniquely, `facts` are what `notice_words` needs; nothing secret is in them.
    """
    recipients = await _recipients(session, kind, customer_id)
    rows = [
        Notice(
            customer_id=customer_id,
            kind=kind,
            occasion=occasion,
            recipient=recipient,
            facts=dict(facts),
        )
        for recipient in recipients
    ]
    await _charge(session, await notices.keep_all(session, rows))


async def _recipients(
    session: AsyncSession, kind: NoticeKind, customer_id: UUID
) -> Collection[str]:
    chosen = (await notices.preferences_of(session, [customer_id])).get(customer_id, ())
    for preference in chosen:
        if preference.kind is kind and not preference.enabled:
            return []
        if preference.kind is kind and preference.recipients:
            return dict.fromkeys(preference.recipients)
    customer = (await customers.by_ids(session, [customer_id]))[customer_id]
    return [customer.email] if customer.email else []


async def _charge(session: AsyncSession, kept: Sequence[Notice]) -> None:
    """An operation for each."""
    now = await clock.now(session)
    await recording.begin_all(
        session,
        [
            errands.errand(
                OperationKind.NOTICE,
                notice.id,
                notice.customer_id,
                POSTMAN,
                deadline=now + PATIENCE,
            )
            for notice in kept
        ],
    )


async def send_due(services: Services) -> int:
    """Notices that nobody was charged with; the sweeper's duty. Returns how many."""

    async def work(session: AsyncSession) -> int:
        left = await notices.unsent_without_operation(session)
        if left:
            await _charge(session, left)
        return len(left)

    return await services.workshop.transact(Scope.worker(), work)


async def carry(services: Services, operation: Operation) -> float | None:
    """Send one letter; seconds until it is to be tried again, or None.

    Raises LeaseLost and DatabaseFault.
    """
    grip = Grip(services, operation)
    letter = await grip.write(lambda session: _taken(session, UUID(operation.subject)))
    if letter is None:  # sent, and its operation revived by hand
        await grip.write(lambda session: errands.end(session, grip))
        return None
    grip.ready_to_send()
    try:
        await services.post.send(letter)
    except PostAway as error:
        log.info("notices.away", operation_id=str(operation.id), error=str(error))
        return await _put_off(grip, str(error))
    except PostRefused as error:
        log.warning("notices.refused", operation_id=str(operation.id), error=str(error))
        return await _refused(grip, str(error))
    crashpoint("notice.after_send")
    await grip.write(lambda session: _sent(session, grip))
    crashpoint("notice.after_settle")
    return None


async def _taken(session: AsyncSession, notice_id: UUID) -> Letter | None:
    """Counted before it is handed over; None when it was sent before."""
    notice = await notices.count_send(session, notice_id)
    if notice is None:
        return None
    said = words(notice.kind, notice.facts)
    return Letter(
        id=str(notice.id),
        recipient=notice.recipient,
        subject=said.subject,
        text=said.text,
        html=said.html,
        at=notice.created_at,
    )


async def _sent(session: AsyncSession, grip: Grip) -> None:
    await errands.end(session, grip)
    await notices.sent(session, UUID(grip.operation.subject))


async def _put_off(grip: Grip, error: str) -> float | None:
    """Later, and after a day it is for staff."""
    operation, now = grip.operation, grip.now()
    if operation.deadline is not None and now >= operation.deadline:
        await _given_up(grip, "The mail server has been away for too long", error)
        return None
    seconds = errands.pause(operation.created_at, now, grip.services.timings.backoff_base)
    return await grip.write(lambda session: errands.wait(session, grip, seconds, error=error))


async def _refused(grip: Grip, error: str) -> float | None:
    attempt = grip.operation.attempt + 1
    if attempt >= REFUSALS:
        await _given_up(grip, "The mail server refuses a notice", error)
        return None
    return await grip.write(
        lambda session: errands.wait(session, grip, _REFUSED_PAUSE, error=error, attempt=attempt)
    )


async def _given_up(grip: Grip, summary: str, error: str) -> None:
    await grip.write(lambda session: errands.attend(session, grip, summary, error))
