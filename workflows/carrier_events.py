"""The carrier's deliveries: kept by their id, then a reason to read the carrier (S12, S13).

A delivery is never believed for more than "look": it may be repeated, late, out of order or about a
project that we are only just creating. What it says is kept in the project's history.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from db import inbox, port_history, port_numbers, port_projects
from db.tables import Operation, PortProject, Webhook
from numbering.actors import Scope
from numbering.lanes import Lane
from numbering.lifecycle import OperationKind
from numbering.porting import PortNumberState
from teliport import errors
from teliport.webhooks import Delivery
from workflows import carrier_news, errands, port_watching, recording
from workflows.calling import words_for
from workflows.crashpoints import crashpoint
from workflows.grip import Grip
from workflows.news_terms import CARRIER, News, Outcome

if TYPE_CHECKING:
    from workflows.wiring import Services

log = structlog.get_logger(__name__)

PATIENCE = timedelta(hours=24)
"""How long a project may be unknown, or the carrier away, before staff are told."""
_SILENT = frozenset({Outcome.CHANGED, Outcome.AGAIN, Outcome.MORE})


async def receive(services: Services, delivery: Delivery, raw: Mapping[str, Any]) -> bool:
    """Keep a verified delivery, and begin what sees to it; False when it was here before.

    Of `raw` only names and numbers are kept: texts of the carrier's may quote secrets.
    """

    async def work(session: AsyncSession) -> bool:
        project = await port_projects.by_carrier_id(session, delivery.project_id)
        customer_id = None if project is None else project.customer_id
        errand = errands.errand(OperationKind.WEBHOOK, delivery.id, customer_id, CARRIER)
        webhook = Webhook(
            id=delivery.id,
            type=delivery.type,
            carrier_id=delivery.project_id,
            lsr_id=delivery.lsr_id,
            occurred_at=delivery.occurred_at,
            body=_harmless(delivery, raw),
            operation_id=errand.id,
        )
        if not await inbox.keep(session, webhook):
            return False
        await recording.begin(session, errand)
        return True

    return await services.database.transact(Scope.staff(), work)


def _harmless(delivery: Delivery, raw: Mapping[str, Any]) -> dict[str, Any]:
    status = delivery.data.get("status")
    return {
        "eventId": str(raw.get("eventId", ""))[:255],
        "sequence": delivery.sequence,
        "status": status if isinstance(status, str) and status.isidentifier() else None,
    }


async def carry(services: Services, operation: Operation) -> float | None:
    """Read the carrier and take in what it says; seconds until the next try, or None.

    Raises LeaseLost and DatabaseFault.
    """
    grip = Grip(services, operation)
    async with services.workshop.read(Scope.worker()) as reader:
        webhook = await inbox.by_operation(reader, operation.id)
        assert webhook is not None  # noqa: S101  kept in one transaction with its operation
        assert webhook.carrier_id is not None  # noqa: S101  no delivery is without
        project = await port_projects.by_carrier_id(reader, webhook.carrier_id)
        if project is None:
            active = frozenset[str]()
        else:
            rows = await port_numbers.of_project(
                reader, project.id, states=(PortNumberState.ACTIVE,)
            )
            active = frozenset(row.number for row in rows)
    if project is None:
        return await _later(grip, webhook, "No project of ours has this id")
    try:
        news = await carrier_news.gather(
            services, webhook.carrier_id, lane=Lane.BULK, rows=True, known=active
        )
    except errors.TeliportError as error:
        log.info("webhooks.unseen", operation_id=str(operation.id), error=words_for(error))
        return await _later(grip, webhook, words_for(error), error.retry_after or 0.0)
    outcome = Outcome.MORE
    while outcome is Outcome.MORE:
        crashpoint("webhook.before_settle")
        outcome = await grip.write(lambda session: _taken(session, grip, webhook, project, news))
        crashpoint("webhook.after_settle")
    return None


async def _taken(
    session: AsyncSession, grip: Grip, webhook: Webhook, project: PortProject, news: News
) -> Outcome:
    outcome = await carrier_news.take_in(
        session, grip.services, project, news, cause=webhook.type, actor=CARRIER
    )
    if outcome not in _SILENT:
        await _keep_the_rest(session, project, webhook)
    if outcome is Outcome.MORE:
        await errands.renew(session, grip)
        return outcome
    if outcome is Outcome.AGAIN:
        await port_watching.watch(session, project, CARRIER, grip.now())
    await inbox.processed(session, webhook.id, outcome.value)
    await errands.end(session, grip)
    return outcome


async def _keep_the_rest(session: AsyncSession, project: PortProject, webhook: Webhook) -> None:
    """It changed nothing; that it came is history all the same."""
    said = webhook.body.get("status") or webhook.type
    at = f" at {webhook.occurred_at:%Y-%m-%d %H:%M} UTC" if webhook.occurred_at else ""
    await port_history.tell(
        session,
        project,
        actor=CARRIER.display,
        actor_is_staff=False,
        summary=f"The carrier reported {said}{at}; nothing changed by it",
    )


async def _later(grip: Grip, webhook: Webhook, error: str, least: float = 0.0) -> float | None:
    """Less and less often; after a day it is for staff."""
    now = grip.now()
    if now - webhook.received_at >= PATIENCE:
        summary = f"A delivery of the carrier could not be processed: {error}"
        await grip.write(lambda session: errands.attend(session, grip, summary, error))
        return None
    base = max(grip.services.timings.backoff_base, least)
    seconds = errands.pause(webhook.received_at, now, base)
    return await grip.write(lambda session: errands.wait(session, grip, seconds, error=error))
