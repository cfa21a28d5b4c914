"""What can go wrong between us and PostgreSQL. Nothing else leaves `db`.

DatabaseFault                    anything without a better name; `sqlstate` says what
├── DatabaseUnavailable          no connection, or lost: retryable, the outcome of a commit unknown
├── DatabaseBusy                 no free connection, a lock or a statement took too long: retryable
├── SerializationConflict        two transactions crossed (40001, 40P01): run the work again
├── ConstraintViolated           `constraint` says which; it decided a race
│   └── UniqueViolated           somebody else was first
└── TenancyViolated              a row of another customer, or a right that the role does not have
InsideTransaction                a defect of ours: a carrier call or a second write inside a write
"""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy import exc

DRIVER_FAULTS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What asyncpg says of a connection that was torn in the middle of an operation.
    asyncpg.InternalClientError,
)
"""What a lost, refusing or stuck server raises through asyncpg (reliability.md 5.2)."""


class DatabaseFault(Exception):
    """A failure of the database. The message never holds values of a statement."""

    retryable = False

    def __init__(self, message: str, *, sqlstate: str | None = None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


class DatabaseUnavailable(DatabaseFault):
    """No connection can be had, or it broke; after a commit the outcome is unknown."""

    retryable = True


class DatabaseBusy(DatabaseFault):
    """The pool, a lock or a statement did not come through in time; nothing was changed."""

    retryable = True


class SerializationConflict(DatabaseFault):
    """Two transactions crossed; this one was rolled back whole."""

    retryable = True


class ConstraintViolated(DatabaseFault):
    """A constraint said no; the transaction is rolled back."""

    def __init__(self, message: str, *, sqlstate: str, constraint: str | None) -> None:
        super().__init__(message, sqlstate=sqlstate)
        self.constraint = constraint


class UniqueViolated(ConstraintViolated):
    """A row with this key is there already."""


class TenancyViolated(DatabaseFault):
    """Row-level security or a missing grant refused the statement."""


class InsideTransaction(RuntimeError):
    """Something that takes its time was started while a write transaction is open."""


_UNAVAILABLE = ("08", "57P01", "57P02", "57P03", "53100", "53200", "25006", "58")
_BUSY = ("55P03", "57014", "53300", "25P03", "57P05")
# 0A000 is a cached plan that a migration made stale: like a conflict, the next try has a fresh one.
_CONFLICT = ("40001", "40P01", "0A000")


def of_postgres(error: asyncpg.PostgresError) -> DatabaseFault:
    """The typed fault for an error that the server reported."""
    state = error.sqlstate or ""
    if state.startswith("23"):
        kind = UniqueViolated if state in {"23505", "23P01"} else ConstraintViolated
        name = getattr(error, "constraint_name", None)
        return kind(f"Constraint {name} refused the change.", sqlstate=state, constraint=name)
    if state == "42501":
        return TenancyViolated("The database refused access to a row or object.", sqlstate=state)
    for prefixes, kind_of_fault, message in (
        (_CONFLICT, SerializationConflict, "The transaction has to be run again."),
        (_BUSY, DatabaseBusy, "The database did not come through in time."),
        (_UNAVAILABLE, DatabaseUnavailable, "The database is not available."),
    ):
        if state.startswith(prefixes):
            return kind_of_fault(message, sqlstate=state)
    return DatabaseFault(f"The database failed with {state}.", sqlstate=state)


def of_driver(error: BaseException | None) -> DatabaseFault:
    """The typed fault for what the driver raised: the server's report, or a broken connection."""
    seen = error
    while seen is not None:
        if isinstance(seen, asyncpg.PostgresError):
            return of_postgres(seen)
        if isinstance(seen, ValueError):
            # asyncpg's own DataError: a value that no column could hold.
            return DatabaseFault("The database cannot store a value of this statement.")
        if isinstance(seen, DRIVER_FAULTS):
            return DatabaseUnavailable("The connection to the database failed.")
        seen = seen.__cause__
    return DatabaseFault("The database driver failed.")


@contextmanager
def typed() -> Iterator[None]:
    """Turn what SQLAlchemy and asyncpg raise into the faults above; refusals pass untouched.

    Inside a transaction a bare OSError or TimeoutError can only be the connection's: nobody may do
    anything there that waits for something else.
    """
    try:
        yield
    except exc.TimeoutError as error:
        raise DatabaseBusy("No database connection became free in time.") from error
    except exc.DBAPIError as error:
        raise of_driver(error.orig) from error
    except DRIVER_FAULTS as error:
        raise of_driver(error) from error
