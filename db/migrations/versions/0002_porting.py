"""The second story: port projects, webhooks, notices."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "porting.sql"


def upgrade() -> None:
    # Several statements at once, which a prepared statement cannot run.
    driver = op.get_bind().connection.dbapi_connection
    assert driver is not None  # noqa: S101  a migration runs on an open connection
    sql = SQL.read_text(encoding="utf-8")
    driver.run_async(lambda connection: connection.execute(sql))
