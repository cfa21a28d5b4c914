"""Ports on the rig: projects, files, letters and submissions as a customer makes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from cryptography.fernet import Fernet

from db.engine import Database
from db.roles import Urls
from db.vault import Vault
from numbering import foc
from numbering.actors import Actor
from numbering.port_sheet import Sheet
from numbering.porting import PortDocumentKind
from tests.workflows.rig import ALICE, Rig, keys, opened
from workflows import porting
from workflows.accepted import Accepted
from workflows.port_commands import (
    CancelPortProject,
    CreatePortProject,
    SubmitPortProject,
    UploadedFile,
    UploadPortDocument,
    UploadPortFile,
)

PDF = b"%PDF-1.7\nLetter of authorization\n%%EOF\n"
ZONES = ("America/Denver",)
HEAD = "telephone_number,lsp_name,lsp_spid,btn,account_number,pin,notes"


def number(line: int) -> str:
    """A number of Denver; the last four digits are the line."""
    return f"+1303482{line:04d}"


def csv_of(*lines: int, account: str = "AC-88172635", pin: str = "4711") -> bytes:
    """A file with these lines, all of one carrier."""
    rows = [
        f"{number(line)[2:]},Comcast,7556,3034820100,{account},{pin},from the office"
        for line in lines
    ]
    return "\n".join([HEAD, *rows, ""]).encode()


@dataclass
class PortRig:
    """The customer's view of ports; `rig` moves the time."""

    rig: Rig

    # ── requests ─────────────────────────────────────────────────────────────────────────────
    async def create(self, actor: Actor = ALICE, **options: Any) -> Accepted:
        """Ask for a project."""
        command = CreatePortProject(
            customer_id=options.pop("customer_id", actor.customer_id),
            name=options.pop("name", "Denver office"),
            losing_carrier=options.pop("losing_carrier", "Comcast"),
            authorized_person=options.pop("authorized_person", "Ann Able"),
            idempotency_key=options.pop("key", None) or next(keys),
            **options,
        )
        return await porting.create(self.rig.services, actor, command)

    async def project(self, *lines: int, actor: Actor = ALICE) -> UUID:
        """A project at the carrier, with these numbers uploaded."""
        accepted = await self.create(actor)
        assert accepted.refusals == ()
        assert accepted.port_project_id is not None
        await self.rig.settle_due()
        if lines:
            answer = await self.upload(accepted.port_project_id, csv_of(*lines), actor=actor)
            assert answer.accepted.refusals == ()
            await self.rig.settle_due()
        return accepted.port_project_id

    async def upload(
        self, project_id: UUID, content: bytes, *, actor: Actor = ALICE, **options: Any
    ) -> porting.UploadAnswer:
        """Upload a file."""
        command = UploadPortFile(
            project_id=project_id,
            file=UploadedFile(options.pop("name", "numbers.csv"), content),
            idempotency_key=options.pop("key", None) or next(keys),
        )
        return await porting.upload(self.rig.services, actor, command)

    async def letter(self, project_id: UUID, *, actor: Actor = ALICE, **options: Any) -> Accepted:
        """Upload a letter of authorization, signed today."""
        command = UploadPortDocument(
            project_id=project_id,
            kind=options.pop("kind", PortDocumentKind.LOA),
            file=UploadedFile(options.pop("name", "loa.pdf"), options.pop("content", PDF)),
            signed_by=options.pop("signed_by", "Ann Able"),
            signed_on=options.pop("signed_on", await self.today()),
            idempotency_key=options.pop("key", None) or next(keys),
        )
        return await porting.upload_document(self.rig.services, actor, command)

    async def submit(
        self, project_id: UUID, day: date | None = None, *, actor: Actor = ALICE, key: str = ""
    ) -> Accepted:
        """Submit for a day, or for the first that is possible."""
        command = SubmitPortProject(
            project_id=project_id,
            foc_date=day or await self.earliest(),
            idempotency_key=key or next(keys),
        )
        return await porting.submit(self.rig.services, actor, command)

    async def cancel(
        self, project_id: UUID, reason: str = "stays", *, actor: Actor = ALICE
    ) -> Accepted:
        """Call a project off."""
        command = CancelPortProject(
            project_id=project_id, reason=reason, idempotency_key=next(keys)
        )
        return await porting.cancel(self.rig.services, actor, command)

    async def ready(self, *lines: int, actor: Actor = ALICE) -> UUID:
        """A project that is VALIDATED and has its letter."""
        project_id = await self.project(*lines, actor=actor)
        await self.checked(project_id)
        assert (await self.letter(project_id, actor=actor)).refusals == ()
        return project_id

    async def submitted(self, *lines: int, actor: Actor = ALICE) -> UUID:
        """A project that the carrier has an order of."""
        project_id = await self.ready(*lines, actor=actor)
        assert (await self.submit(project_id, actor=actor)).refusals == ()
        await self.rig.settle_due()
        assert (await self.row(project_id))["status"] == "SUBMITTED"
        return project_id

    async def checked(self, project_id: UUID) -> str:
        """Wait until the carrier has checked all numbers; the status then."""
        for _ in range(60):
            status: str = (await self.row(project_id))["status"]
            if status != "VALIDATING":
                return status
            await self.rig.advance(6)
            await self.rig.settle_due()
        raise AssertionError("still VALIDATING")

    # ── time ─────────────────────────────────────────────────────────────────────────────────
    async def now(self) -> datetime:
        """The database's time."""
        now: datetime = await self.rig.owner.fetchval("SELECT ops.now()")
        return now

    async def today(self) -> date:
        """The day in Denver."""
        return (
            foc.calendar(now=await self.now(), zones=ZONES, spids=(), start=None, days=1)
            .days[0]
            .date
        )

    async def earliest(self) -> date:
        """The first day that is possible."""
        found = foc.calendar(now=await self.now(), zones=ZONES, spids=(), start=None, days=1)
        assert found.earliest is not None
        return found.earliest

    # ── rows ─────────────────────────────────────────────────────────────────────────────────
    async def row(self, project_id: UUID | None) -> asyncpg.Record:
        """The project's row."""
        row = await self.rig.owner.fetchrow(
            "SELECT * FROM voice.port_projects WHERE id = $1", project_id
        )
        assert row is not None
        return row

    async def numbers(self, project_id: UUID) -> list[asyncpg.Record]:
        """Its numbers, without removed ones."""
        return await self.rig.owner.fetch(
            "SELECT * FROM voice.port_numbers WHERE project_id = $1 AND removed_at IS NULL"
            " ORDER BY number",
            project_id,
        )

    async def states(self, project_id: UUID) -> list[str]:
        """The states of its numbers."""
        return [row["state"] for row in await self.numbers(project_id)]

    async def operations(self, project_id: UUID) -> list[str]:
        """`KIND STATE` of what was told about it, oldest first."""
        rows = await self.rig.owner.fetch(
            "SELECT kind, state FROM ops.operation WHERE subject = $1 AND kind_group = 'port'"
            " ORDER BY id",
            str(project_id),
        )
        return [f"{row['kind']} {row['state']}" for row in rows]

    async def history(self, project_id: UUID) -> list[str]:
        """The lines of its history, oldest first."""
        rows = await self.rig.owner.fetch(
            "SELECT summary FROM voice.port_events WHERE project_id = $1 ORDER BY seq", project_id
        )
        return [row["summary"] for row in rows]

    async def elsewhere(self, project_id: UUID, status: str) -> None:
        """Behind our back the carrier's project has this status."""
        ports = self.rig.sandbox.world.ports
        there = ports.find((await self.row(project_id))["carrier_id"])
        with ports.changing(there):
            there.status = type(there.status)(status)

    def sent(self, ending: str, method: str = "POST") -> int:
        """How many calls about projects came in whose path ends so."""
        return sum(
            call["method"] == method
            and "/port-projects" in call["path"]
            and call["path"].endswith(ending)
            for call in self.rig.sandbox.calls()
        )


@asynccontextmanager
async def ports(
    urls: Urls, database: Database, worker: Database, owner: asyncpg.Connection, **changes: Any
) -> AsyncIterator[PortRig]:
    """Ports on a rig on this database."""
    changes.setdefault("vault", Vault([Fernet.generate_key().decode()]))
    async with opened(urls, database, worker, owner, **changes) as rig:
        yield PortRig(rig)


def refused(accepted: Accepted) -> list[tuple[str, tuple[str, ...]]]:
    """Code and path of each refusal."""
    return [(refusal.code.value, refusal.path) for refusal in accepted.refusals]


def codes(sheet: Sheet | None) -> Sequence[str]:
    """The codes of the faults of a report."""
    assert sheet is not None
    return [fault.code.value for fault in sheet.faults]


DAY = timedelta(days=1)
