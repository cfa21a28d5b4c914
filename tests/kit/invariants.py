"""The invariants (reliability.md 4.3) that a database and a sandbox show after quiesce."""

from __future__ import annotations

from collections import Counter
from typing import Any

import asyncpg

from numbering.porting import PORT_RANKS, PortStatus
from tests.kit.sandbox import Sandbox
from workflows.news_terms import WATCHED

_OPEN = "state <> 'RESOLVED'"
_WATCHED = str(tuple(sorted(status.value for status in WATCHED)))


async def broken(owner: asyncpg.Connection, sandbox: Sandbox) -> list[str]:
    """Every broken invariant, in words; I1 to I6, I8 to I15."""
    carrier = {f"+1{tn}": sandbox.state(tn) for tn in _touched(sandbox)}
    found = [
        *await _ownership(owner, carrier),
        *await _single(owner),
        *await _acknowledged(owner, carrier),
        *await _effects(owner, sandbox),
        *await _ended(owner),
        *await _trail(owner),
        *await _secrets(owner, sandbox),
        *await _port_effects(owner, sandbox),
        *await _port_streams(owner),
        *await _port_counters(owner),
        *await _news_once(owner),
        *await _letters(owner),
    ]
    return sorted(found)


def _touched(sandbox: Sandbox) -> set[str]:
    """Ten digits of every number that a call named."""
    return {str(call["tn"]) for call in sandbox.calls() if call["tn"]}


async def _ownership(owner: asyncpg.Connection, carrier: dict[str, Any]) -> list[str]:
    live = {
        row["number"]: row
        for row in await owner.fetch("SELECT * FROM voice.dids WHERE status <> 'DISCONNECTED'")
    }
    known = {
        row["number"] for row in await owner.fetch(f"SELECT number FROM ops.incident WHERE {_OPEN}")
    }
    busy = {
        row["subject"]
        for row in await owner.fetch(
            "SELECT subject FROM ops.operation WHERE state NOT IN ('SUCCEEDED', 'FAILED')"
        )
    }
    found = []
    for number, record in carrier.items():
        ours = record["status"] == "IN_USE" and record["applicationId"] == "WARP"
        row = live.get(number)
        meta = record.get("applicationMetadata") or {}
        if ours and row is None and number not in known:
            found.append(f"I1 {number} is in use upstream and not here")
        if ours and row is not None and meta.get("customer_id") != str(row["customer_id"]):
            found.append(f"I1 {number} belongs to somebody else upstream")
        if row is None or number in known | busy:
            continue
        if not ours:
            found.append(f"I2 {number} is {row['status']} here, {record['status']} upstream")
        if row["meta_version"] != row["pushed_version"]:
            found.append(f"I11 {number} was not pushed")
        if ours and meta.get("voice_enabled") != row["voice_enabled"]:
            found.append(f"I11 {number} has other metadata upstream")
    return found


async def _single(owner: asyncpg.Connection) -> list[str]:
    dids = await owner.fetch(
        "SELECT number FROM voice.dids WHERE status <> 'DISCONNECTED'"
        " GROUP BY number HAVING count(*) > 1"
    )
    live = await owner.fetch(
        "SELECT subject FROM ops.operation WHERE state NOT IN ('SUCCEEDED', 'FAILED')"
        " GROUP BY kind_group, subject HAVING count(*) > 1"
    )
    keys = await owner.fetch(
        "SELECT key FROM ops.idempotency GROUP BY scope, mutation, key HAVING count(*) > 1"
    )
    return (
        [f"I3 two live dids of {row['number']}" for row in dids]
        + [f"I3 two live operations on {row['subject']}" for row in live]
        + [f"I5 key {row['key']} twice" for row in keys]
    )


async def _acknowledged(owner: asyncpg.Connection, carrier: dict[str, Any]) -> list[str]:
    """What was told to a client as FAILED did not happen, as SUCCEEDED did."""
    found = []
    for row in await owner.fetch("SELECT * FROM ops.operation WHERE kind = 'NUMBER_ASSIGN'"):
        meta = (carrier.get(row["subject"]) or {}).get("applicationMetadata") or {}
        in_use = meta.get("warp_op_id") == str(row["id"])
        if row["state"] == "FAILED" and in_use:
            found.append(f"I4 {row['subject']} failed, and is in use for it")
        born = await owner.fetchval(
            "SELECT count(*) FROM voice.dids WHERE assign_operation_id = $1", row["id"]
        )
        if (row["state"] == "SUCCEEDED") != (born == 1):
            found.append(f"I4 {row['subject']} {row['state']} with {born} dids")
    return found


async def _effects(owner: asyncpg.Connection, sandbox: Sandbox) -> list[str]:
    """At most one effect for each write that was asked for."""
    applied = Counter(
        (f"+1{call['tn']}", call["path"].rsplit("/", 1)[1])
        for call in sandbox.calls()
        if call["applied"] and call["tn"] and call["path"].endswith(("/assign", "/reserve"))
    )
    asked = Counter(
        (row["subject"], {"NUMBER_ASSIGN": "assign", "NUMBER_HOLD": "reserve"}.get(row["kind"]))
        for row in await owner.fetch("SELECT subject, kind FROM ops.operation")
    )
    return [
        f"I6 {number} {action} took effect {times} times"
        for (number, action), times in applied.items()
        if times > asked[number, action]
    ]


async def _ended(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch(
        "SELECT * FROM ops.operation o WHERE (state NOT IN ('SUCCEEDED', 'FAILED', 'ATTENTION')"
        " OR attempt > 9) AND NOT EXISTS (SELECT FROM voice.port_projects p WHERE"  # it goes on
        f" o.kind = 'PORT_POLL' AND o.subject = p.id::text AND p.status IN {_WATCHED})"
    )
    lost = await owner.fetch(
        "SELECT o.subject FROM ops.operation o LEFT JOIN ops.incident i"
        f" ON i.operation_id = o.id AND i.{_OPEN}"
        " WHERE o.state = 'ATTENTION' AND i.id IS NULL"
    )
    return [f"I10 {row['subject']} {row['kind']} is {row['state']}" for row in rows] + [
        f"I10 {row['subject']} needs attention without an incident" for row in lost
    ]


async def _trail(owner: asyncpg.Connection) -> list[str]:
    """Gapless per customer, and one row for each did born, given back, and each hold."""
    gaps = await owner.fetch(
        "SELECT customer_id FROM ops.audit GROUP BY customer_id HAVING count(*) <> max(seq)"
    )
    silent = await owner.fetch(
        """
        SELECT o.subject, o.kind FROM ops.operation o
        LEFT JOIN ops.audit a ON a.operation_id = o.id AND a.action IN ('HOLD', 'ASSIGN')
        WHERE o.state = 'SUCCEEDED' AND o.kind IN ('NUMBER_HOLD', 'NUMBER_ASSIGN')
        GROUP BY o.id HAVING count(a.id) <> 1
        """
    )
    events = await owner.fetch(
        "SELECT stream_id FROM ops.event GROUP BY stream_id HAVING count(*) <> max(seq)"
    )
    last = await owner.fetch(
        """
        SELECT o.subject FROM ops.operation o JOIN ops.event e
        ON e.stream_id = 'operation:' || o.id AND e.seq = o.sequence WHERE e.kind <> o.state
        """
    )
    return (
        [f"I15 a gap in the audit of {row['customer_id']}" for row in gaps]
        + [f"I15 {row['kind']} {row['subject']} has no single audit row" for row in silent]
        + [f"I8 a gap in {row['stream_id']}" for row in events]
        + [f"I8 the last event of {row['subject']} is not its state" for row in last]
    )


async def _secrets(owner: asyncpg.Connection, sandbox: Sandbox) -> list[str]:
    found = []
    for table in ("ops.operation", "ops.event", "ops.incident", "ops.audit", "ops.idempotency"):
        rows = await owner.fetchval(
            f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE '%' || $1 || '%'",
            sandbox.token,
        )
        if rows:
            found.append(f"I14 the token is in {table}")
    return found


async def _port_streams(owner: asyncpg.Connection) -> list[str]:
    """I8: the last number of either stream is in the project's row, and the last event is true."""
    rows = await owner.fetch(
        """
        SELECT p.id, p.status, p.sequence, p.progress_sequence,
          coalesce(h.last_seq, 0) AS told, coalesce(s.last_seq, 0) AS progressed, e.kind
        FROM voice.port_projects p
        LEFT JOIN ops.stream h ON h.id = 'port:' || p.id
        LEFT JOIN ops.stream s ON s.id = 'port-progress:' || p.id
        LEFT JOIN ops.event e ON e.stream_id = s.id AND e.seq = s.last_seq
        """
    )
    lines = await owner.fetch(
        "SELECT project_id FROM voice.port_events GROUP BY project_id HAVING count(*) <> max(seq)"
    )
    wrong = [row for row in rows if row["told"] != row["sequence"]]
    wrong += [row for row in rows if row["progressed"] != row["progress_sequence"]]
    wrong += [row for row in rows if row["kind"] not in {None, row["status"]}]
    return [f"I8 the streams of the port {row['id']} do not end as it stands" for row in wrong] + [
        f"I8 a gap in the history of the port {row['project_id']}" for row in lines
    ]


async def _port_effects(owner: asyncpg.Connection, sandbox: Sandbox) -> list[str]:
    """I6: one project at the carrier for each of ours, one order for each attempt of it."""
    ours = {
        row["carrier_id"]: row
        for row in await owner.fetch(
            """
            SELECT p.carrier_id, p.id, array_remove(array_agg(a.lsr_id), NULL) AS orders,
              EXISTS (SELECT FROM ops.operation o WHERE o.kind_group = 'port'
                AND o.subject = p.id::text AND o.state NOT IN ('SUCCEEDED', 'FAILED')) AS busy
            FROM voice.port_projects p LEFT JOIN voice.port_attempts a ON a.project_id = p.id
            GROUP BY p.id
            """
        )
    }
    found = []
    for there in sandbox.ports():
        row = ours.get(there["id"])
        if row is None and "[warp:" in (there["description"] or "") and None not in ours:
            found.append(f"I6 the carrier has a project {there['id']} that is not here")
        if row is None or row["busy"]:
            continue
        orders = sandbox.port(there["id"])["lsrIds"]
        if sorted(orders) != sorted(row["orders"]):
            found.append(f"I6 the port {row['id']} has other orders at the carrier")
    return found


async def _port_counters(owner: asyncpg.Connection) -> list[str]:
    """I9: what those who watch are told adds up, at every moment; at last to what the rows say."""
    told = await owner.fetch(
        "SELECT stream_id, seq, payload FROM ops.event WHERE stream_id LIKE 'port-progress:%'"
    )
    wrong = [
        f"{row['stream_id']} {row['seq']}"
        for row in told
        if not _adds_up(*(row["payload"][f"{key}Count"] for key in _COUNTED))
    ]
    rows = await owner.fetch(
        """
        SELECT p.id, e.payload, count(n.id) AS total,
          count(n.id) FILTER (WHERE n.state IN ('INVALID', 'REJECTED')) AS invalid,
          count(n.id) FILTER (WHERE n.state NOT IN ('PENDING', 'VALIDATING')) AS judged
        FROM voice.port_projects p
        JOIN ops.event e ON e.stream_id = 'port-progress:' || p.id AND e.seq = p.progress_sequence
        LEFT JOIN voice.port_numbers n ON n.project_id = p.id AND n.removed_at IS NULL
        WHERE p.status <> 'VALIDATING' GROUP BY p.id, e.payload
        """
    )
    for row in rows:
        last = tuple(row["payload"][f"{key}Count"] for key in _COUNTED)
        if last != (row["total"], row["judged"], row["judged"] - row["invalid"], row["invalid"]):
            wrong.append(f"port {row['id']}: {last}")
    return [f"I9 the counts do not add up: {each}" for each in wrong]


_COUNTED = ("total", "validated", "valid", "invalid")


def _adds_up(total: int, validated: int, valid: int, invalid: int) -> bool:
    return valid + invalid == validated <= total and min(valid, invalid) >= 0


async def _news_once(owner: asyncpg.Connection) -> list[str]:
    """I12: deliveries are processed once, ports go forward, and active numbers are ported dids."""
    undone = await owner.fetch(
        "SELECT w.id FROM ops.webhook w LEFT JOIN ops.operation o ON o.id = w.operation_id"
        " WHERE (w.processed_at IS NOT NULL) <> coalesce(o.state = 'SUCCEEDED', false)"
        " AND o.state IS DISTINCT FROM 'ATTENTION'"
    )
    unborn = await owner.fetch(
        """
        SELECT coalesce(n.number, d.number) AS number FROM voice.port_numbers n
        FULL JOIN voice.dids d ON d.id = n.did_id AND d.port_project_id = n.project_id AND d.ported
        WHERE coalesce(n.state, '') = 'ACTIVE' AND d.id IS NULL
          OR d.port_project_id IS NOT NULL AND coalesce(n.state, '') <> 'ACTIVE'
        """
    )
    twice = await owner.fetch(
        "SELECT subject FROM ops.operation WHERE kind = 'WEBHOOK' GROUP BY subject"
        " HAVING count(*) > 1"
    )
    return [
        *(f"I12 {row['id']} was not processed once" for row in undone),
        *(f"I12 {row['subject']} was processed twice" for row in twice),
        *(f"I12 {row['number']} is active without its did, or the other way" for row in unborn),
        *await _backward(owner),
    ]


async def _backward(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch(
        "SELECT project_id, status FROM voice.port_events WHERE status IS NOT NULL"
        " ORDER BY project_id, seq"
    )
    found, reached = [], dict[Any, int]()
    for row in rows:
        status, project = PortStatus(row["status"]), row["project_id"]
        rank, before = PORT_RANKS.get(status, 0), reached.get(project, 0)
        again = status is PortStatus.ACTIVATING and before == PORT_RANKS[PortStatus.PARTIAL]
        if 1 < rank < before and not again:
            found.append(f"I12 the port {project} went back to {status}")
        # A rejection, and each new order, begin anew.
        reached[project] = 0 if status is PortStatus.REJECTED else rank
    return found


async def _letters(owner: asyncpg.Connection) -> list[str]:
    """I13: each notice is in one operation's hands, and sent exactly if that came through."""
    rows = await owner.fetch(
        """
        SELECT n.id FROM ops.notice n
        LEFT JOIN ops.operation o ON o.kind = 'NOTICE' AND o.subject = n.id::text
        GROUP BY n.id HAVING count(o.id) <> 1
          OR bool_or(o.state = 'SUCCEEDED') <> (n.sent_at IS NOT NULL)
          OR n.sent_at IS NOT NULL AND n.sends < 1
        """
    )
    twice = await owner.fetch(
        "SELECT occasion FROM ops.notice GROUP BY occasion, recipient HAVING count(*) > 1"
    )
    return [f"I13 the notice {row['id']} was not sent once" for row in rows] + [
        f"I13 {row['occasion']} was told twice" for row in twice
    ]
