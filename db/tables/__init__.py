"""The rows of the database, one subject a file. Their tables are made by the migrations."""

from db.tables.addresses import E911Address
from db.tables.audit import AuditRow
from db.tables.budget import Slot, Token
from db.tables.clock import Clock
from db.tables.customers import Customer
from db.tables.dids import Did
from db.tables.events import EventRow, StreamRow
from db.tables.idempotency import IdempotencyKey
from db.tables.incidents import Incident
from db.tables.notices import Notice, NoticePreference
from db.tables.operations import Operation
from db.tables.ports import (
    PortAttempt,
    PortComment,
    PortDocument,
    PortEventRow,
    PortNumber,
    PortProject,
)
from db.tables.reservations import Reservation, ReservationItem
from db.tables.signs import Sign
from db.tables.trunks import Trunk
from db.tables.webhooks import Webhook

__all__ = [
    "AuditRow",
    "Clock",
    "Customer",
    "Did",
    "E911Address",
    "EventRow",
    "IdempotencyKey",
    "Incident",
    "Notice",
    "NoticePreference",
    "Operation",
    "PortAttempt",
    "PortComment",
    "PortDocument",
    "PortEventRow",
    "PortNumber",
    "PortProject",
    "Reservation",
    "ReservationItem",
    "Sign",
    "Slot",
    "StreamRow",
    "Token",
    "Trunk",
    "Webhook",
]
