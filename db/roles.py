"""The three roles and the database, made once for a cluster (decisions 21).

`warp_owner` owns the schemas and migrates. `warp_app` is the gateway: not the owner, no BYPASSRLS.
`warp_worker` carries operations out; only its name is in the worker's policies.
"""

from dataclasses import dataclass

import asyncpg
from sqlalchemy import make_url

OWNER, APP, WORKER = "warp_owner", "warp_app", "warp_worker"

# Roles belong to the cluster: two starting processes (or test workers) would make them at once.
_LOCK = 0x77617270  # "warp"


@dataclass(frozen=True, slots=True)
class Passwords:
    """What the three roles log in with."""

    owner: str
    app: str
    worker: str


@dataclass(frozen=True, slots=True)
class Urls:
    """How the three roles reach one database; the settings MIGRATION_, -, WORKER_DATABASE_URL."""

    owner: str
    app: str
    worker: str


def urls(admin_url: str, database: str, passwords: Passwords) -> Urls:
    """The three roles' URLs for `database` on the server of `admin_url`."""

    def url(role: str, password: str) -> str:
        made = make_url(admin_url).set(username=role, password=password, database=database)
        return made.render_as_string(hide_password=False)

    return Urls(
        owner=url(OWNER, passwords.owner),
        app=url(APP, passwords.app),
        worker=url(WORKER, passwords.worker),
    )


async def ensure(admin_url: str, database: str, passwords: Passwords) -> Urls:
    """Make the roles and the database unless they are there; passwords are set anew each time.

    `admin_url` is a superuser's, to the database `postgres`.
    """
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        for role, password in (
            (OWNER, passwords.owner),
            (APP, passwords.app),
            (WORKER, passwords.worker),
        ):
            await _role(connection, role, password)
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            await connection.execute(
                f'CREATE DATABASE "{database}" OWNER {OWNER} TEMPLATE template0'
            )
            await connection.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
            await connection.execute(f'GRANT CONNECT ON DATABASE "{database}" TO {APP}, {WORKER}')
    finally:
        await connection.close()
    return urls(admin_url, database, passwords)


async def clone(admin_url: str, database: str, template: str) -> None:
    """A copy of a migrated database that nobody is connected to; for tests."""
    connection = await asyncpg.connect(admin_url)
    try:
        # Copying files beats writing them to the log three times over, for databases this small.
        await connection.execute(
            f'CREATE DATABASE "{database}" OWNER {OWNER} TEMPLATE "{template}" STRATEGY file_copy'
        )
    finally:
        await connection.close()


async def drop(admin_url: str, database: str) -> None:
    """Drop a database, whoever is still connected to it; for tests."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    finally:
        await connection.close()


async def _role(connection: asyncpg.Connection, role: str, password: str) -> None:
    known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if known else "CREATE"
    # DDL takes no parameters, so the server quotes the password for us.
    statement = await connection.fetchval(
        "SELECT format('%s ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
        " PASSWORD %L', $1::text, $2::text, $3::text)",
        verb,
        role,
        password,
    )
    await connection.execute(statement)
