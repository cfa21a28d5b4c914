"""The loaders about ports, and about what customers are told of them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from uuid import UUID

from aiodataloader import DataLoader

from db import (
    notices,
    port_counts,
    port_documents,
    port_history,
    port_numbers,
    port_projects,
    tables,
)
from db.port_counts import ErrorGroup, PortCounts
from numbering.port_codes import PortErrorCode
from resolvers.batches import Batches, batched, listed

SampleKey = tuple[UUID, PortErrorCode, int]


class PortLoaders(Batches):
    """The part of `Loaders` that is about ports."""

    @cached_property
    def port_projects(self) -> DataLoader[UUID, tables.PortProject | None]:
        """Projects by id."""
        return batched(self._reading(port_projects.by_ids))

    @cached_property
    def port_counts(self) -> DataLoader[UUID, PortCounts | None]:
        """How many numbers are in which state, by project."""
        return batched(self._reading(port_counts.counts_of))

    @cached_property
    def port_error_groups(self) -> DataLoader[UUID, Sequence[ErrorGroup]]:
        """What is wrong with its numbers, by project."""
        return listed(self._reading(port_counts.error_groups))

    @cached_property
    def port_samples(self) -> DataLoader[SampleKey, Sequence[tables.PortNumber]]:
        """Some numbers with the same fault, by project, code and how many."""

        async def fetch(keys: list[SampleKey]) -> Mapping[SampleKey, Sequence[tables.PortNumber]]:
            found: dict[SampleKey, Sequence[tables.PortNumber]] = {}
            async with self._services.database.read(self._actor.scope) as conn:
                for limit in {limit for _, _, limit in keys}:
                    asked = {(project, str(code)) for project, code, each in keys if each == limit}
                    rows = await port_counts.samples(conn, sorted(asked), limit)
                    found |= {
                        (project, PortErrorCode(code), limit): each
                        for (project, code), each in rows.items()
                    }
            return found

        return listed(fetch)

    @cached_property
    def port_numbers(self) -> DataLoader[UUID, tables.PortNumber | None]:
        """Numbers of projects by id."""
        return batched(self._reading(port_numbers.by_ids))

    @cached_property
    def port_number_lists(self) -> DataLoader[UUID, Sequence[str]]:
        """All numbers in E.164, by project."""
        return listed(self._reading(port_numbers.numbers_of_all))

    @cached_property
    def port_documents(self) -> DataLoader[UUID, tables.PortDocument | None]:
        """Documents by id, without their content."""
        return batched(self._reading(port_documents.by_ids))

    @cached_property
    def port_documents_of(self) -> DataLoader[UUID, Sequence[tables.PortDocument]]:
        """Documents by project, the oldest first."""
        return listed(self._reading(port_documents.of_projects))

    @cached_property
    def port_loas(self) -> DataLoader[UUID, tables.PortDocument | None]:
        """The latest letter of authorization, by project."""
        return batched(self._reading(port_documents.latest_loa))

    @cached_property
    def port_events(self) -> DataLoader[UUID, tables.PortEventRow | None]:
        """Lines of histories by id."""
        return batched(self._reading(port_history.events_by_ids))

    @cached_property
    def port_comments(self) -> DataLoader[UUID, tables.PortComment | None]:
        """Comments by id."""
        return batched(self._reading(port_history.comments_by_ids))

    @cached_property
    def notice_preferences_of(self) -> DataLoader[UUID, Sequence[tables.NoticePreference]]:
        """What a customer chose to be told, by customer."""
        return listed(self._reading(notices.preferences_of))
