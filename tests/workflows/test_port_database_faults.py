"""The database's columns of the fault matrix, rows S10 to S13 and S15: crossed transactions and
connections that are cut in the middle of one, at each write of a step. It comes to the same end.

The database itself does it: a trigger counts the writes to a table, and at the nth raises 40P01 or
ends the connection it runs in. The count is a sequence, which no rollback takes back.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

import asyncpg
import orjson
import pytest

from db.errors import DatabaseUnavailable
from db.roles import Urls
from teliport import webhooks
from teliport.webhooks import Delivery
from tests.kit.stack import WEBHOOK_SECRET, running
from tests.workflows.port_rig import PortRig
from tests.workflows.test_port_fault_matrix import STEPS
from workflows import carrier_events

CROSSED = "RAISE EXCEPTION 'crossed' USING ERRCODE = '40P01'"
CUT = "PERFORM pg_terminate_backend(pg_backend_pid())"
FAULTS = {"crossed": CROSSED, "cut": CUT}


async def fails(owner: asyncpg.Connection, table: str, fault: str, nth: int) -> None:
    """From now on the nth row written to this table, and no other, meets this fault."""
    await owner.execute(
        f"""
        CREATE SEQUENCE public.writes; GRANT USAGE ON SEQUENCE public.writes TO PUBLIC;
        GRANT USAGE ON SCHEMA public TO PUBLIC;
        CREATE FUNCTION public.fails() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('public.writes') = {nth} THEN {FAULTS[fault]}; END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER fails BEFORE INSERT OR UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION public.fails();
        """
    )


async def failed(owner: asyncpg.Connection, nth: int) -> bool:
    """Whether it has come to that, and the trigger out of the way."""
    written: int = await owner.fetchval("SELECT last_value FROM public.writes")
    return written >= nth


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
async def test_a_write_to_the_carrier(ports: PortRig, step: str, fault: str, nth: int) -> None:
    """S10: of the claim, the mark, the lease or the end of its operation."""
    asked = STEPS[step]
    known = await asked.prepare(ports)
    before = ports.sent(asked.path)
    project_id = await asked.ask(ports, known)
    await fails(ports.rig.owner, "ops.operation", fault, nth)
    await _carried(ports)
    assert await failed(ports.rig.owner, nth)
    await asked.end(ports, project_id)
    assert ports.sent(asked.path) - before == 1
    await ports.rig.check()


async def _carried(ports: PortRig) -> None:
    """Until all is quiet; what a worker of pgqueuer's would log and try again is tried again."""
    for _ in range(3):
        with suppress(DatabaseUnavailable):
            await ports.rig.quiet(horizon=1800)
            return
    raise AssertionError("It fails again and again")


async def _checked(ports: PortRig) -> UUID:
    return await ports.project(1301, 1302)


async def _active(ports: PortRig) -> UUID:
    """The numbers are active, and a delivery says so."""
    project_id = await ports.submitted(1301, 1302)
    carrier_id = (await ports.row(project_id))["carrier_id"]
    await ports.rig.sandbox.control("POST", f"/ports/{carrier_id}/advance", {"to": "COMPLETE"})
    said = body_of(carrier_id)
    delivery = Delivery.read("msg-1", orjson.dumps(said))
    assert await carrier_events.receive(ports.rig.services, delivery, said)
    return project_id


def body_of(carrier_id: str) -> dict[str, object]:
    """What the carrier says when numbers are active."""
    return {
        "eventId": "e-1",
        "type": "port-activated",
        "projectId": carrier_id,
        "occurredAt": "2026-11-22T12:00:00Z",
        "sequence": 1,
        "data": {},
    }


Begin = Callable[[PortRig], Awaitable[UUID]]
NEWS: dict[str, tuple[Begin, str, str]] = {
    "poll": (_checked, "VALIDATED", "VALID"),
    "webhook": (_active, "COMPLETE", "ACTIVE"),
}
TABLES = {
    "poll": ["ops.operation", "voice.port_numbers", "ops.event", "ops.notice"],
    "webhook": ["ops.operation", "voice.dids", "voice.port_numbers", "ops.webhook", "ops.notice"],
}
CELLS = [(kind, table) for kind, tables in TABLES.items() for table in tables]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("kind", "table"), CELLS)
async def test_the_carriers_news(ports: PortRig, kind: str, table: str, fault: str) -> None:
    """S11, S13, S15: in the middle of what is taken in, or of the letter about it."""
    begin, status, state = NEWS[kind]
    project_id = await begin(ports)
    await fails(ports.rig.owner, table, fault, 1)
    await _carried(ports)
    assert await failed(ports.rig.owner, 1)
    assert (await ports.row(project_id))["status"] == status
    assert await ports.states(project_id) == [state] * 2
    born = await ports.rig.owner.fetchval("SELECT count(*) FROM voice.dids WHERE ported")
    assert born == (2 if state == "ACTIVE" else 0)
    sent = await ports.rig.owner.fetch("SELECT sends, sent_at FROM ops.notice")
    assert sent
    assert all(row["sent_at"] for row in sent)
    await ports.rig.check()


@pytest.mark.parametrize("table", ["ops.webhook", "ops.operation", "queue.pgqueuer"])
@pytest.mark.parametrize(("fault", "first"), [("crossed", 200), ("cut", 503)])
async def test_a_delivery_at_the_door(
    database_urls: Urls, owner: asyncpg.Connection, fault: str, first: int, table: str
) -> None:
    """S12: crossed transactions are run again in place; else the sender comes again. Kept once."""
    await fails(owner, table, fault, 1)
    body = orjson.dumps(body_of("somebody's"))
    async with running(database_urls, worker=False) as stack:
        for status in (first, 200):
            headers = webhooks.headers([WEBHOOK_SECRET], "msg-1", int(time.time()), body)
            answer = await stack.client.post(
                "/webhooks/teliport/port-activated", content=body, headers=headers
            )
            assert answer.status_code == status
            kept = [
                await owner.fetchval(f"SELECT count(*) FROM {each}")
                for each in ("ops.webhook", "ops.operation", "queue.pgqueuer")
            ]
            assert kept == [status == 200] * 3
