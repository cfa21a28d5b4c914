-- Migration 0001: signs of life of the workers, so that a gateway's readiness can tell of them.
CREATE TABLE ops.sign (
  process text PRIMARY KEY,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
