"""Primary keys: UUID version 7, made here so that PostgreSQL 16 (no `uuidv7()`) does as well as 18."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh time-ordered key: neighbours in time are neighbours in the index."""
    return uuid7()
