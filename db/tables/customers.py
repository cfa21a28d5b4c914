"""accounts.customers: who holds numbers."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from db.tables.columns import key, stamped


class Customer(SQLModel, table=True):
    """A WARP customer. Deleting one that still has numbers is refused (decisions 12)."""

    __tablename__ = "customers"
    __table_args__ = {"schema": "accounts"}

    id: UUID = key()
    name: str
    ban: str = Field(unique=True)  # billing account number
    email: str | None = None
    created_at: datetime = stamped()
