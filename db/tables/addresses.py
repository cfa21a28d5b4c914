"""voice.e911_addresses: where an emergency caller is."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from db.tables.columns import flag, key


class E911Address(SQLModel, table=True):
    """A dispatchable address of a customer."""

    __tablename__ = "e911_addresses"
    __table_args__ = {"schema": "voice"}

    id: UUID = key()
    customer_id: UUID = Field(foreign_key="accounts.customers.id", ondelete="RESTRICT", index=True)
    label: str
    line: str
    city: str
    state: str
    postal_code: str
    validated: bool = flag()
