"""What a mutation answers with: ids to read afresh, and what was refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from numbering.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The ids are facts of the moment of acceptance: what stands now, the rows say."""

    reservation_id: UUID | None = None
    did_ids: tuple[UUID, ...] = ()
    operation_ids: tuple[UUID, ...] = ()
    incident_id: UUID | None = None
    port_project_id: UUID | None = None
    refusals: tuple[Refusal, ...] = ()

    @classmethod
    def refused(cls, *refusals: Refusal) -> Self:
        """Nothing was accepted."""
        return cls(refusals=refusals)

    def with_refusals(self, more: Iterable[Refusal]) -> Self:
        """The same, with what became clear later."""
        return replace(self, refusals=(*self.refusals, *more))

    def with_dids(self, born: Iterable[UUID]) -> Self:
        """The same, with the dids that came of it."""
        return replace(self, did_ids=tuple(born))

    def as_json(self) -> dict[str, Any]:
        """The form kept under an idempotency key; a replay reads it back."""
        return {
            "reservation_id": _text(self.reservation_id),
            "did_ids": [str(each) for each in self.did_ids],
            "operation_ids": [str(each) for each in self.operation_ids],
            "incident_id": _text(self.incident_id),
            "port_project_id": _text(self.port_project_id),
            "refusals": [refusal.as_json() for refusal in self.refusals],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote."""
        return cls(
            reservation_id=_uuid(stored["reservation_id"]),
            did_ids=tuple(UUID(each) for each in stored["did_ids"]),
            operation_ids=tuple(UUID(each) for each in stored["operation_ids"]),
            incident_id=_uuid(stored["incident_id"]),
            # Keys of an earlier release have no such entry.
            port_project_id=_uuid(stored.get("port_project_id")),
            refusals=tuple(Refusal.from_json(each) for each in stored["refusals"]),
        )


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)
