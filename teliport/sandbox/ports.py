"""All port projects of one sandbox: kept, found, and told about."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from teliport.sandbox.answers import Refused
from teliport.sandbox.clock import Clock
from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.inventory import Inventory
from teliport.sandbox.outbox import Kind, Outbox
from teliport.sandbox.port_project import Project, Row
from teliport.sandbox.store import Store


class Ports:
    """The projects. Every change is stored when `changing` ends, whole or not at all."""

    def __init__(
        self,
        config: SandboxConfig,
        clock: Clock,
        store: Store,
        inventory: Inventory,
        outbox: Outbox,
    ) -> None:
        self.config = config
        self.clock = clock
        self.inventory = inventory
        self.writes = 0
        self._store = store
        self._outbox = outbox
        found = sorted(store.ports(), key=lambda project: project.number)
        self.projects = {project.id: project for project in found}

    def find(self, id_: str) -> Project:
        """The project with this id. Raises Refused (404)."""
        project = self.projects.get(id_)
        if project is None:
            raise Refused(HTTPStatus.NOT_FOUND, f"Port project {id_} is not known")
        return project

    def newest_first(self) -> list[Project]:
        """All projects."""
        return list(reversed(self.projects.values()))

    def add(self, fields: dict[str, Any]) -> Project:
        """A new project in DRAFT. Ids are never the same again, not even after a reset."""
        now = self.clock.now()
        number = 1 + max((each.number for each in self.projects.values()), default=0)
        project = Project(str(uuid4()), number, created_at=now, updated_at=now, **fields)
        self.projects[project.id] = project
        with self.changing(project):
            pass
        return project

    @contextmanager
    def changing(self, project: Project, at: float | None = None) -> Iterator[None]:
        """Change a project within this; `at` is when it happens, if not now."""
        with self._store.whole():
            yield
            project.updated_at = self.clock.now() if at is None else at
            self._store.save_port(project)
        self.writes += 1

    def keep_rows(self, project: Project, rows: Iterable[Row]) -> None:
        """Add or replace rows, within `changing`."""
        rows = list(rows)
        project.rows |= {row.tn: row for row in rows}
        self._store.save_rows(project, rows)

    def drop_rows(self, project: Project, tns: Iterable[str]) -> list[str]:
        """Take rows out, within `changing`; those that there were."""
        gone = [tn for tn in dict.fromkeys(tns) if project.rows.pop(tn, None)]
        self._store.drop_rows(project, gone)
        return gone

    def tell(self, kind: Kind, project: Project, at: float, data: dict[str, Any]) -> None:
        """Queue a webhook about a project, within `changing`."""
        self._outbox.queue(kind, project, at, {"status": project.status.value, **data})
