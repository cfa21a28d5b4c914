"""kill -9 at every named place of what is told to the carrier about a port, and of its news.

Another worker ends it: one project, one check, one order, one did for each number, one letter.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from db import seed
from numbering.actors import Scope
from numbering.notices import NoticeKind
from teliport.webhooks import Delivery
from tests.faults.conftest import Order
from tests.faults.far_sandbox import FarSandbox
from tests.faults.forge import Orders, stopped, worker
from tests.kit.post import MailServer, mail_server
from tests.workflows.port_rig import PortRig, number
from tests.workflows.test_port_fault_matrix import STEPS
from workflows import carrier_events, notices
from workflows.mail import SmtpPost

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("faults")]

PLACES = ["before_mark", "before_send", "after_send", "before_settle", "after_settle"]
PATIENCE = 30.0


# A poller of a project at the carrier goes on for ever; everything else comes to an end, and so do
# the jobs of the dead: somebody has looked at each.
LEFT = """
    WITH going_on AS (SELECT o.id::text FROM ops.operation o JOIN voice.port_projects p
      ON p.id::text = o.subject AND p.status IN ('SUBMITTED', 'PENDING')
      WHERE o.kind = 'PORT_POLL' AND o.state = 'WAITING')
    SELECT (SELECT count(*) FROM ops.operation WHERE id::text NOT IN (TABLE going_on)
        AND state NOT IN ('SUCCEEDED', 'FAILED', 'ATTENTION'))
      + (SELECT count(*) FROM queue.pgqueuer
        WHERE convert_from(payload, 'UTF8') NOT IN (TABLE going_on))
"""


async def killed(orders: Orders) -> None:
    """A worker comes to its crash point."""
    with worker(orders) as doomed:
        await asyncio.to_thread(doomed.join, 20)
        assert doomed.exitcode == -signal.SIGKILL


async def inherited(ports: PortRig, orders: Orders) -> None:
    """Another worker works until nothing is left to do."""
    with worker(orders) as heir:
        async with asyncio.timeout(PATIENCE):
            while await ports.rig.owner.fetchval(LEFT):  # noqa: ASYNC110  rows of another process
                await asyncio.sleep(0)
        assert await asyncio.to_thread(stopped, heir) == 0


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_is_killed_while_it_tells_the_carrier(
    ports: PortRig, orders: Order, step: str, place: str
) -> None:
    asked = STEPS[step]
    known = await asked.prepare(ports)
    before = ports.sent(asked.path)
    project_id = await asked.ask(ports, known)
    await killed(orders(crashpoint=f"port_{step}.{place}"))
    await inherited(ports, orders())
    await asked.end(ports, project_id)
    assert ports.sent(asked.path) - before == 1
    assert await ports.rig.incidents() == []
    await ports.rig.check()


async def _looked(ports: PortRig, carrier: FarSandbox) -> UUID:
    """The carrier is done with its check, and nobody knows."""
    return await ports.project(1301, 1302)


async def _delivered(ports: PortRig, carrier: FarSandbox) -> UUID:
    """The numbers are active, and the carrier has told us so."""
    project_id = await ports.submitted(1301, 1302)
    carrier_id = (await ports.row(project_id))["carrier_id"]
    carrier.hurry(carrier_id, "COMPLETE")
    said = {
        "eventId": "e-1",
        "type": "port-activated",
        "projectId": carrier_id,
        "occurredAt": "2026-11-22T12:00:00Z",
        "sequence": 1,
        "data": {},
    }
    delivery = Delivery.read("msg-1", orjson.dumps(said))
    assert await carrier_events.receive(ports.rig.services, delivery, said)
    # The sender has no answer, because the gateway died: it sends it again.
    assert not await carrier_events.receive(ports.rig.services, delivery, said)
    return project_id


News = Callable[[PortRig, FarSandbox], Awaitable[UUID]]
NEWS: dict[str, tuple[News, str, str]] = {
    "port_poll": (_looked, "VALIDATED", "VALID"),
    "webhook": (_delivered, "COMPLETE", "ACTIVE"),
}


@pytest.mark.parametrize("place", ["before_settle", "after_settle"])
@pytest.mark.parametrize("kind", NEWS)
async def test_a_worker_is_killed_over_the_carriers_news(
    ports: PortRig, orders: Order, carrier: FarSandbox, kind: str, place: str
) -> None:
    begin, status, state = NEWS[kind]
    project_id = await begin(ports, carrier)
    await killed(orders(crashpoint=f"{kind}.{place}"))
    await inherited(ports, orders())
    assert (await ports.row(project_id))["status"] == status
    assert await ports.states(project_id) == [state] * 2
    dids = await ports.rig.owner.fetch("SELECT number FROM voice.dids ORDER BY number")
    born = [number(1301), number(1302)] if state == "ACTIVE" else []
    assert [row["number"] for row in dids] == born
    lines = await ports.history(project_id)
    assert len(lines) == len(set(lines))
    await ports.rig.check()


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A mail server."""
    async with mail_server() as server:
        yield server


@pytest.mark.parametrize(
    ("place", "letters"), [("before_send", 1), ("after_send", 2), ("after_settle", 1)]
)
async def test_a_worker_is_killed_over_a_letter(
    ports: PortRig, orders: Order, mail: MailServer, place: str, letters: int
) -> None:
    """A second copy only when it died between the server's answer and our commit (S15, I13)."""

    async def announce(session: AsyncSession) -> None:
        facts = {"project": "Main office", "projectId": "p-1"}
        await notices.announce(session, NoticeKind.PORT_CANCELLED, seed.CUSTOMER_A, "x", facts)

    await ports.rig.services.workshop.transact(Scope.worker(), announce)
    post = SmtpPost(mail.url, "WARP <numbers@warp.example>")
    await killed(orders(crashpoint=f"notice.{place}", post=post))
    await inherited(ports, orders(post=post))
    assert len(mail.letters) == letters
    assert len({letter["Message-ID"] for letter in mail.letters}) == 1
    row = await ports.rig.owner.fetchrow("SELECT * FROM ops.notice")
    assert row is not None
    assert row["sent_at"] is not None
    assert row["sends"] == (1 if place == "after_settle" else 2)
    await ports.rig.check()
