"""A key can be thrown away once everything was sealed again."""

from __future__ import annotations

import asyncpg
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from db import port_documents, port_numbers, port_projects, resealing
from db.engine import Database
from db.resealing import Resealed
from db.roles import Urls
from db.vault import Vault
from gateway.resealing import reseal
from gateway.settings import Environment, Settings, SettingsUnusable
from numbering.actors import Scope
from tests.db import make

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


async def kept(worker_database: Database, vault: Vault, count: int) -> None:
    """Numbers with their secrets and one document, sealed by this vault."""
    project = make.port_project()
    rows = [
        make.port_number(
            project,
            f"+1303482{n:04}",
            account_number_sealed=vault.seal(f"account {n}"),
            pin_sealed=vault.seal("4711") if n % 2 else None,
        )
        for n in range(count)
    ]
    async with worker_database.write(Scope.staff()) as session:
        await port_projects.insert(session, project)
        await port_numbers.upsert_all(session, rows)
        await port_documents.insert(
            session, make.port_document(project, content_sealed=vault.seal_bytes(b"%PDF"))
        )


async def test_everything_gets_the_newest_key(
    worker_database: Database, owner: asyncpg.Connection
) -> None:
    count = resealing.BATCH + 10
    await kept(worker_database, Vault([OLD]), count)
    both = Vault([NEW, OLD])
    secrets = count + count // 2 + 1
    assert await resealing.reseal(worker_database, both) == Resealed(secrets, secrets)
    assert await resealing.reseal(worker_database, both) == Resealed(secrets, 0)
    newest = Vault([NEW])
    rows = await owner.fetch("SELECT * FROM voice.port_numbers ORDER BY number")
    assert [newest.open(row["account_number_sealed"]) for row in rows] == [
        f"account {n}" for n in range(count)
    ]
    assert {row["version"] for row in rows} == {1}, "the carrier has nothing to learn of it"


async def test_every_sealed_column_is_known(owner: asyncpg.Connection) -> None:
    found = await owner.fetch(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE column_name LIKE '%sealed' AND table_schema IN ('accounts', 'voice', 'ops')"
    )
    known = {
        (kind.__tablename__, column)
        for kind, columns in resealing.SEALED.items()
        for column in columns
    }
    assert {tuple(row) for row in found} == known


def settings(urls: Urls, *keys: str) -> Settings:
    return Settings(
        environment=Environment.DEVELOPMENT,
        teliport_api_url="http://127.0.0.1:1/api/v1",
        worker_database_url=SecretStr(urls.worker),
        secrets_key=SecretStr(",".join(keys)),
    )


async def test_the_command_says_what_is_missing(
    worker_database: Database, database_urls: Urls
) -> None:
    await kept(worker_database, Vault([OLD]), 1)
    with pytest.raises(SettingsUnusable, match="opened by none"):
        await reseal(settings(database_urls, NEW))
    with pytest.raises(SettingsUnusable, match="<new>,<old>"):
        await reseal(settings(database_urls))
    assert await reseal(settings(database_urls, NEW, OLD)) == Resealed(2, 2)
