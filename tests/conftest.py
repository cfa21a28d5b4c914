"""Fixtures that every floor may ask for; nothing starts until a test does."""

from tests.kit.live import live_stack
from tests.kit.postgres import (
    database,
    database_urls,
    owner,
    postgres_cluster,
    shift_clock,
    superuser,
    worker_database,
)
from tests.kit.stack import stack

__all__ = [
    "database",
    "database_urls",
    "live_stack",
    "owner",
    "postgres_cluster",
    "shift_clock",
    "stack",
    "superuser",
    "worker_database",
]
