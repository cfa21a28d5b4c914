"""PostgreSQL: tables, sessions and queries (floor 1)."""
