"""What a workflow works with. One `Services` for each process: it holds that process's caches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import random
from uuid import UUID

from db.budget import SlotPace
from db.engine import Database
from db.hub import EventHub
from db.vault import Vault
from numbering import foc
from numbering.foc import FocRules
from numbering.pricing import PriceList
from teliport.client import Teliport
from workflows.mail import LogPost, Post
from workflows.page_cache import PageCache
from workflows.summary import SummaryCache
from workflows.timings import Timings


@dataclass(frozen=True, slots=True, kw_only=True)
class PortLimits:
    """How much of a port one request may bring, how much is kept for one project or customer, and
    how often all ports are polled together."""

    max_file_bytes: int = 10 * 2**20
    max_rows: int = 10_000
    max_document_bytes: int = 10 * 2**20
    max_documents: int = 50
    max_documents_bytes: int = 100 * 2**20
    max_comments: int = 1_000
    max_open_projects: int = 500
    polls_per_minute: int = 20


def _no_link(document_id: UUID) -> str:
    """For a process that shows no documents; it still names the one it cannot link to."""
    return f"/files/port-documents/{document_id}"


@dataclass(frozen=True, kw_only=True)
class Services:
    """Connections, rules and limits. Times in seconds; `jitter` gives 0..1 and is fixed by tests.

    `database` belongs to the role of the process: the application's in a gateway, the worker's in
    a worker. `worker_database` is for a process that is both (tests). `budget` is the pace that the
    carrier's client was given, for showing it. Without a `vault` no secret of a port can be taken.
    `document_link` gives the address of a port document, good for a few minutes.
    """

    database: Database
    teliport: Teliport
    hub: EventHub
    prices: PriceList
    timings: Timings = field(default_factory=Timings)
    worker_database: Database | None = None
    budget: SlotPace | None = None
    mutation_wait_seconds: float = 10.0
    max_hold_numbers: int = 50
    max_dids: int = 100
    interactive_holds: int = 10
    interactive_assigns: int = 10
    rate_limit: int = 100
    interactive_reserve: int = 10
    vault: Vault | None = None
    post: Post = field(default_factory=LogPost)
    document_link: Callable[[UUID], str] = _no_link
    foc_rules: FocRules = foc.RULES
    port_limits: PortLimits = PortLimits()
    jitter: Callable[[], float] = random
    pages: PageCache = field(default_factory=PageCache)
    summaries: SummaryCache = field(default_factory=SummaryCache)

    @property
    def workshop(self) -> Database:
        """The database as the worker's role sees it."""
        return self.worker_database or self.database

    @property
    def bulk_rate(self) -> int:
        """Calls a minute for the bulk lane (decisions 2)."""
        return max(1, self.rate_limit - self.interactive_reserve)
