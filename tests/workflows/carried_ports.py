"""Projects that the carrier has, for tests of what it says: the carrier is told directly, and our
rows are written as the end of each of our own operations leaves them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from db import port_projects, seed
from db.ids import new_id
from numbering import foc
from numbering.actors import Scope
from numbering.lanes import Lane
from numbering.porting import PortStatus
from numbering.telephone import TelephoneNumber
from teliport.portability import ProjectFields
from teliport.webhooks import Delivery
from tests.workflows.rig import Rig
from workflows import carrier_events, port_progress, port_watching
from workflows.news_terms import CARRIER

COLUMNS = "telephone_number,lsp_name,lsp_spid,btn,account_number,pin"
_PROJECT = """
    INSERT INTO voice.port_projects (id, customer_id, name, status, losing_carrier, carrier_id,
      job_id, version, pushed_version, checked_total, created_by)
    VALUES ($1, $2, $3, 'VALIDATING', 'Verizon', $4, $5, 1, 1, $6, 'Alice')
"""
_NUMBER = """
    INSERT INTO voice.port_numbers (id, project_id, customer_id, number, state, losing_carrier,
      version, pushed_version) VALUES ($1, $2, $3, $4, 'VALIDATING', 'Verizon', 1, 1)
"""


def numbers(count: int, *endings: str, exchange: str = "646867") -> tuple[TelephoneNumber, ...]:
    """Numbers of another carrier; `endings` are the sandbox's magic ones."""
    lines = [f"{n:04}" for n in range(1, count - len(endings) + 1)] + list(endings)
    return tuple(TelephoneNumber.from_national(f"{exchange}{line}") for line in lines)


@dataclass(frozen=True)
class Port:
    """One project at both sides."""

    rig: Rig
    id: UUID
    carrier_id: str
    numbers: tuple[TelephoneNumber, ...]
    lsr_id: str = ""
    customer_id: UUID = seed.CUSTOMER_A

    # ── what people do ───────────────────────────────────────────────────────────────────────
    async def submitted(self, days: int = 7) -> Port:
        """The same, with an order of the carrier's that we know of."""
        day = self.foc_date(days)
        lsr = (await self.portability.submit(self.carrier_id, day, lane=Lane.BULK)).lsr_id
        await self.write(
            "UPDATE voice.port_projects SET status = 'SUBMITTED', status_since = ops.now(),"
            " lsr_id = $2, submitted_at = ops.now(), rejection = NULL WHERE id = $1",
            lsr,
        )
        await self.write(
            "INSERT INTO voice.port_attempts (project_id, attempt, customer_id, lsr_id, foc_date)"
            " SELECT id, attempt, customer_id, $2, $3 FROM voice.port_projects WHERE id = $1",
            lsr,
            day,
        )
        await self.write(
            "UPDATE voice.port_numbers SET state = 'SUBMITTED', errors = '[]' WHERE project_id = $1"
        )
        await self.watch()
        return replace(self, lsr_id=str(lsr))

    def foc_date(self, days: int = 7) -> date:
        """A day that the carrier takes."""
        now = datetime.now().astimezone() + timedelta(seconds=self.rig.moved)
        return foc.business_days_after(now.date(), days)

    @property
    def portability(self) -> Any:
        """The carrier."""
        return self.rig.services.teliport.portability

    async def watch(self) -> None:
        """What every operation that leaves something to watch does."""

        async def work(session: Any) -> None:
            project = await port_projects.locked(session, self.id)
            assert project is not None
            if project.status is PortStatus.SUBMITTED:
                await port_progress.tell(session, project)
            await port_watching.watch(session, project, CARRIER, project.updated_at)

        await self.rig.services.workshop.transact(Scope.worker(), work)

    # ── what the carrier does ────────────────────────────────────────────────────────────────
    async def advance(self, to: str | None = None) -> None:
        """The carrier's next step, or all until a status; our clock stays where it is.

        A short check may be over by itself before we get to hurry it.
        """
        body = {} if to is None else {"to": to}
        answer = await self.rig.sandbox.control("POST", f"/ports/{self.carrier_id}/advance", body)
        assert answer.status_code == 200 or to is None, answer.text

    async def reject(self, **body: Any) -> None:
        """The losing carrier says no."""
        answer = await self.rig.sandbox.control("POST", f"/ports/{self.carrier_id}/reject", body)
        assert answer.status_code == 200, answer.text

    async def deliver(self, event: str, kind: str = "port-status", **changes: Any) -> bool:
        """One webhook, as the gateway hands it on; `event` is its id."""
        body = {
            "eventId": event,
            "type": kind,
            "projectId": changes.pop("project_id", self.carrier_id),
            "lsrId": self.lsr_id or None,
            "occurredAt": "2026-11-22T12:00:00Z",
            "sequence": 1,
            "data": changes,
        }
        delivery = Delivery.read(event, orjson.dumps(body))
        return await carrier_events.receive(self.rig.services, delivery, body)

    # ── looking ──────────────────────────────────────────────────────────────────────────────
    async def polled(self) -> None:
        """The poller looks now."""
        await self.rig.owner.execute(
            "UPDATE ops.operation SET run_at = ops.now() WHERE kind = 'PORT_POLL'"
            " AND subject = $1 AND state = 'WAITING'",
            str(self.id),
        )
        await self.rig.settle_due()

    async def write(self, statement: str, *values: Any) -> None:
        """A statement about the project, which is $1."""
        await self.rig.owner.execute(statement, self.id, *values)

    async def row(self) -> asyncpg.Record:
        """The project."""
        row = await self.rig.owner.fetchrow(
            "SELECT * FROM voice.port_projects WHERE id = $1", self.id
        )
        assert row is not None
        return row

    async def rows(self) -> list[asyncpg.Record]:
        """Its numbers."""
        return await self.rig.owner.fetch(
            "SELECT * FROM voice.port_numbers WHERE project_id = $1 ORDER BY number", self.id
        )

    async def states(self) -> list[str]:
        """The states of its numbers."""
        return [row["state"] for row in await self.rows()]

    async def dids(self) -> list[asyncpg.Record]:
        """What was born of it."""
        return await self.rig.owner.fetch(
            "SELECT * FROM voice.dids WHERE port_project_id = $1 ORDER BY number", self.id
        )

    async def poll(self) -> list[asyncpg.Record]:
        """Its pollers, oldest first."""
        return await self.rig.owner.fetch(
            "SELECT * FROM ops.operation WHERE kind = 'PORT_POLL' AND subject = $1 ORDER BY id",
            str(self.id),
        )

    async def history(self) -> list[str]:
        """The summaries of its history."""
        rows = await self.rig.owner.fetch(
            "SELECT summary FROM voice.port_events WHERE project_id = $1 ORDER BY seq", self.id
        )
        return [row["summary"] for row in rows]

    async def progress(self) -> list[Any]:
        """The events of its progress."""
        rows = await self.rig.owner.fetch(
            "SELECT payload FROM ops.event WHERE stream_id = $1 ORDER BY seq",
            f"port-progress:{self.id}",
        )
        return [row["payload"] for row in rows]

    async def notices(self) -> list[str]:
        """The kinds of the notices about it."""
        rows = await self.rig.owner.fetch(
            "SELECT kind FROM ops.notice WHERE occasion LIKE $1 ORDER BY id", f"port:{self.id}:%"
        )
        return [row["kind"] for row in rows]

    def calls(self, what: str) -> int:
        """How often the carrier was asked for this."""
        return sum(call["path"].endswith(what) for call in self.rig.sandbox.calls())


async def uploaded(rig: Rig, *tns: TelephoneNumber, name: str = "Main office") -> Port:
    """A project whose numbers the carrier has begun to check."""
    portability = rig.services.teliport.portability
    fields = ProjectFields(
        name=name,
        losing_carrier="Verizon",
        authorized_person="John Doe",
        authorized_title="CEO",
    )
    made = await portability.create(fields, lane=Lane.BULK)
    lines = [f"{tn.national},Verizon,9102,{tn.national},A-1,4321" for tn in tns]
    job = await portability.upload(made.id, "\n".join([COLUMNS, *lines]).encode(), lane=Lane.BULK)
    port = Port(rig, new_id(), made.id, tns)
    await rig.owner.execute(_PROJECT, port.id, port.customer_id, name, made.id, job, len(tns))
    await rig.owner.executemany(
        _NUMBER, [(new_id(), port.id, port.customer_id, str(tn)) for tn in tns]
    )
    await port.watch()
    return port


async def ordered(rig: Rig, *tns: TelephoneNumber) -> Port:
    """A project that was checked and submitted."""
    port = await uploaded(rig, *tns)
    await port.advance()
    await port.polled()
    assert (await port.row())["status"] == "VALIDATED"
    return await port.submitted()
