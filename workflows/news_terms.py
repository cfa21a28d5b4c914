"""The terms in which the carrier's news are told, as `saga_terms` are those of the sagas.

News are what one look has read, a Case is news being made ours, and its Outcome says what came of
it. Nothing happens here: `carrier_news` reads and takes in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import port_history
from db.tables import PortProject
from numbering.actors import Actor
from numbering.porting import AT_CARRIER, PORT_RANKS, PortStatus
from numbering.telephone import TelephoneNumber
from teliport.wire import CarrierRecord
from teliport.wire_ports import PortRecord, PortRow, ProgressRecord

if TYPE_CHECKING:
    from workflows.wiring import Services

WATCHED = AT_CARRIER | {PortStatus.VALIDATING}
"""The carrier may have news of a project in one of these."""

CARRIER = Actor.system("carrier")
"""In whose name we write down what the carrier has done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One look at the carrier; None where it was not asked.

    `activated` are the inventory's records of numbers that it says are active.
    """

    record: PortRecord | None = None
    progress: ProgressRecord | None = None
    rows: tuple[PortRow, ...] | None = None
    activated: Mapping[TelephoneNumber, CarrierRecord] = field(default_factory=dict)
    occurred_at: datetime | None = None


class Outcome(StrEnum):
    """What came of a look at the carrier."""

    NOTHING = "NOTHING"
    CHANGED = "CHANGED"
    LATE = "LATE"
    """Of an attempt that is over, or from before where we are."""
    EARLY = "EARLY"
    """Of an order that we have sent and not yet seen through ourselves."""
    AGAIN = "AGAIN"
    """The inventory does not have every number yet: look again before long."""
    MORE = "MORE"
    """A part is done: go on with the same news."""


Taken = tuple[PortProject, Outcome]


@dataclass(frozen=True, slots=True)
class Case:
    """One look at the carrier, being made ours; `cause` says how we know."""

    session: AsyncSession
    services: Services
    news: News
    actor: Actor
    cause: str

    async def tell(
        self,
        project: PortProject,
        summary: str,
        *,
        moved: bool = True,
        number: str | None = None,
        carrier_code: str | None = None,
    ) -> None:
        """A line of the project's history; `moved`: its status is new."""
        await port_history.tell(
            self.session,
            project,
            actor=self.actor.display,
            actor_is_staff=self.actor.is_staff,
            summary=summary,
            status=project.status if moved else None,
            number=number,
            carrier_code=carrier_code,
        )


def told_by(record: PortRecord) -> PortStatus | None:
    """The status of the carrier's order; None while there is none, or for a word we do not know."""
    known = record.status in PortStatus.__members__
    status = PortStatus(record.status) if known else None
    return status if status in PORT_RANKS else None
