"""Primary keys: UUID version 7, made here because PostgreSQL 16 has no `uuidv7()`."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh time-ordered key: neighbours in time are neighbours in the index."""
    return uuid7()
