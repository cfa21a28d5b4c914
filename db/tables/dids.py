"""voice.dids: the numbers we hold. A row is born by assign or activation, never as a hold."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Computed, Index, Text, text
from sqlmodel import Field, SQLModel

from db.tables.columns import (
    chosen,
    counter,
    currency,
    document,
    flag,
    key,
    moment,
    named,
    price,
    stamped,
)
from numbering.lifecycle import DidStatus, MessagingPortStatus, RoutingType
from numbering.telephone import NumberType


class Did(SQLModel, table=True):
    """A number of ours, live or given back. At most one live row for each number."""

    __tablename__ = "dids"
    __table_args__ = (
        Index(
            "dids_live_number",
            "number",
            unique=True,
            postgresql_where=text("status <> 'DISCONNECTED'"),
        ),
        Index("dids_by_number", "number", "id"),
        Index("dids_of_customer_by_number", "customer_id", "number", "id"),
        Index("dids_by_acquired_at", "acquired_at", "id"),
        Index("dids_of_customer_by_acquired_at", "customer_id", "acquired_at", "id"),
        Index("dids_by_number_reversed", "number_reversed"),
        Index(
            "dids_of_trunk",
            "trunk_id",
            "number",
            "id",
            postgresql_where=text("trunk_id IS NOT NULL"),
        ),
        Index(
            "dids_out_of_sync",
            "updated_at",
            postgresql_where=text("meta_version <> pushed_version"),
        ),
        {"schema": "voice"},
    )

    id: UUID = key()
    number: str  # E.164
    number_type: NumberType = chosen(NumberType)
    country_code: str = Field(default="US", sa_column_kwargs={"server_default": text("'US'")})
    npa: str
    nxx: str
    locality: str | None = None
    state: str | None = None
    lata: int | None = None
    rate_center: str | None = None
    time_zone: str | None = None
    customer_id: UUID = Field(foreign_key="accounts.customers.id", ondelete="RESTRICT")
    status: DidStatus = named(DidStatus, DidStatus.ACTIVE)
    friendly_name: str | None = None
    voice_enabled: bool = flag(default=True)
    sms_enabled: bool = flag()
    mms_enabled: bool = flag()
    fax_enabled: bool = flag()
    routing_type: RoutingType = named(RoutingType, RoutingType.NONE)
    trunk_id: UUID | None = Field(default=None, foreign_key="voice.trunks.id")
    routing_destination: str | None = None
    failover_destination: str | None = None
    cnam: str | None = Field(default=None, max_length=15)
    e911_address_id: UUID | None = Field(default=None, foreign_key="voice.e911_addresses.id")
    campaign_id: str | None = None
    brand_id: str | None = None
    tcr_status: str | None = None
    messaging_port_status: MessagingPortStatus = named(
        MessagingPortStatus, MessagingPortStatus.NOT_APPLICABLE
    )
    ported: bool = flag()
    ported_from: str | None = None
    ported_at: datetime | None = moment()
    port_project_id: UUID | None = Field(default=None, foreign_key="voice.port_projects.id")
    monthly_cost: Decimal = price()
    setup_fee: Decimal = price()
    currency: str = currency()
    custom_fields: dict[str, Any] = document()
    acquired_at: datetime = stamped()
    releasing_at: datetime | None = moment()
    released_at: datetime | None = moment()
    release_reason: str | None = None
    billing_ends_at: datetime | None = moment()
    # What we want the carrier to know, and what it has been told: equal means in sync.
    meta_version: int = counter(1)
    pushed_version: int = counter(0)
    assign_operation_id: UUID | None = None
    created_at: datetime = stamped()
    updated_at: datetime = stamped()
    # "Ends with" as a range scan: under row-level security an index on reverse(number) is not used,
    # because only leakproof operators on plain columns may run before the policy.
    number_reversed: str | None = Field(
        default=None, sa_column=Column(Text, Computed("reverse(number)", persisted=True))
    )
