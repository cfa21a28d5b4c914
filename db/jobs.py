"""Jobs: "look at operation X", rows of the transaction that wrote X, carried by pgqueuer."""

from pgqueuer.domain.settings import DBSettings

# Every name is given: pgqueuer would read an environment variable called CHANNEL or FUNCTION.
SETTINGS = DBSettings(
    db_schema="queue",
    prefix="",
    channel="warp_jobs",
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
)
