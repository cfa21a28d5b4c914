"""The first story: customers, numbers, holds, operations, events, budget and the queue.

Written as SQL, because policies, partial indexes and functions are the point of this schema.
Forward only: a schema is taken back with a backup, not with a script that nobody ever ran.
"""

from pathlib import Path

from alembic import op
from pgqueuer.adapters.persistence import schema_ddl

from db import jobs

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def script(sql: str) -> None:
    """Run several statements at once, which a prepared statement cannot."""
    driver = op.get_bind().connection.dbapi_connection
    assert driver is not None  # noqa: S101  a migration runs on an open connection
    driver.run_async(lambda connection: connection.execute(sql))


def upgrade() -> None:
    for name in ("voice", "operations", "budget", "signs"):
        script((SQL / f"{name}.sql").read_text(encoding="utf-8"))
    script(schema_ddl.render_install(jobs.SETTINGS))
    for name in ("tenancy", "grants"):
        script((SQL / f"{name}.sql").read_text(encoding="utf-8"))
