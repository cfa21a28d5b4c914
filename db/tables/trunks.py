"""voice.trunks: where calls can be sent."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from db.tables.columns import key


class Trunk(SQLModel, table=True):
    """A customer's SIP trunk."""

    __tablename__ = "trunks"
    __table_args__ = {"schema": "voice"}

    id: UUID = key()
    customer_id: UUID = Field(foreign_key="accounts.customers.id", ondelete="RESTRICT", index=True)
    name: str
