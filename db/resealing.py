"""Sealing everything again under the newest key, so that an old key can be thrown away (ADR 0046).

Row by row in batches by id, each batch a transaction of its own: it may be stopped and begun again
at any time. What the newest key opens already is left as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from db.engine import Database
from db.rows import table_of
from db.tables import PortDocument, PortNumber
from db.vault import Vault
from numbering.actors import Scope

BATCH = 200
SEALED: Mapping[type[SQLModel], tuple[str, ...]] = {
    PortNumber: ("account_number_sealed", "pin_sealed"),
    PortDocument: ("content_sealed",),
}
"""Every column that holds something sealed; a test looks for others."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many secrets there are, and how many of them got the newest key just now."""

    seen: int = 0
    renewed: int = 0

    def plus(self, seen: int, renewed: int) -> "Resealed":
        """Both together."""
        return Resealed(self.seen + seen, self.renewed + renewed)


async def reseal(database: Database, vault: Vault) -> Resealed:
    """Go through all rows, as the worker's role. VaultError where no key opens a secret."""
    done = Resealed()
    for kind, columns in SEALED.items():
        after = UUID(int=0)
        while True:
            async with database.write(Scope.worker()) as session:
                last, seen, renewed = await _batch(session, vault, kind, columns, after)
            done = done.plus(seen, renewed)
            if last is None:
                break
            after = last
    return done


async def _batch(
    session: AsyncSession, vault: Vault, kind: type[SQLModel], names: tuple[str, ...], after: UUID
) -> tuple[UUID | None, int, int]:
    """The last id of a batch (None: there is no more), its secrets, and those that were renewed."""
    table = table_of(kind)
    columns = [table.c[name] for name in names]
    page = select(table.c.id, *columns).where(table.c.id > after).order_by(table.c.id)
    # Locked, so that an edit that comes now waits, and is not overwritten.
    rows = (await session.execute(page.limit(BATCH).with_for_update())).all()
    seen = renewed = 0
    for row in rows:
        sealed = {name: value for name in names if (value := getattr(row, name)) is not None}
        old: dict[str, Any] = {
            name: vault.rotate(value) for name, value in sealed.items() if not vault.newest(value)
        }
        if old:
            await session.execute(update(table).where(table.c.id == row.id).values(**old))
        seen, renewed = seen + len(sealed), renewed + len(old)
    return (rows[-1].id if rows else None), seen, renewed
