"""What `doctor` asks of a database: the role, the policies, the clock. Read-only, raw asyncpg."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

OLDEST_SERVER = 15
"""The oldest major version of PostgreSQL that we support."""

_ROLE = """
SELECT current_user AS name, current_setting('server_version') AS server_version,
  current_setting('server_version_num')::int / 10000 AS server_major,
  rolsuper AS superuser, rolbypassrls AS bypasses_rls,
  EXISTS (SELECT FROM pg_tables WHERE schemaname IN ('accounts', 'voice', 'ops')
    AND tableowner = current_user) AS owns_tables
FROM pg_roles WHERE rolname = current_user
"""
# A table with a customer is one with a customer_id, and the table of customers itself.
_BARE = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('accounts', 'voice', 'ops') AND c.relkind IN ('r', 'p')
  AND (c.relname = 'customers' OR EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'customer_id'))
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity
    AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
ORDER BY 1
"""
_CLOCK = """
SELECT clock_timestamp() AS wall,
  coalesce((SELECT extract(epoch FROM shift)::float8 FROM ops.clock), 0) AS shift_seconds
"""


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """Who a URL logs in as, and what that role may do beyond its grants."""

    name: str
    server_version: str
    server_major: int
    superuser: bool
    bypasses_rls: bool
    owns_tables: bool


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """The server's wall clock and how far `ops.now()` is shifted from it."""

    wall: datetime
    shift_seconds: float


async def role(connection: asyncpg.Connection) -> RoleFacts:
    """The role of this connection."""
    return RoleFacts(**dict(await connection.fetchrow(_ROLE)))


async def tables_without_policy(connection: asyncpg.Connection) -> list[str]:
    """Tables with a customer but without forced row-level security and a policy."""
    return [row[0] for row in await connection.fetch(_BARE)]


async def clock(connection: asyncpg.Connection) -> ClockFacts:
    """The server's clock."""
    return ClockFacts(**dict(await connection.fetchrow(_CLOCK)))
