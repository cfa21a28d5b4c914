-- Migration 0001: what is under way, what happened, what went wrong.
CREATE TABLE ops.operation (
  id uuid PRIMARY KEY,
  customer_id uuid REFERENCES accounts.customers ON DELETE RESTRICT,
  kind text NOT NULL,
  kind_group varchar NOT NULL,
  subject varchar COLLATE "C" NOT NULL,
  lane text NOT NULL,
  state text NOT NULL DEFAULT 'QUEUED' CONSTRAINT operation_state_known CHECK (state IN (
    'QUEUED', 'RUNNING', 'WAITING', 'UNKNOWN', 'SUCCEEDED', 'FAILED', 'ATTENTION')),
  priority integer NOT NULL DEFAULT 0,
  run_at timestamptz NOT NULL DEFAULT ops.now(),
  deadline timestamptz,
  fence bigint NOT NULL DEFAULT 0,
  attempt integer NOT NULL DEFAULT 0,
  step varchar,
  sent jsonb NOT NULL DEFAULT '{}',
  lease_until timestamptz,
  last_error varchar,
  request jsonb NOT NULL DEFAULT '{}',
  result jsonb,
  error jsonb,
  parent_id uuid,
  actor jsonb NOT NULL DEFAULT '{}',
  request_id varchar,
  trace_ctx varchar,
  sequence bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT ops.now(),
  updated_at timestamptz NOT NULL DEFAULT ops.now(),
  finished_at timestamptz
);
-- The live lock on a subject. ATTENTION keeps it: an undecided number stays ours to decide.
CREATE UNIQUE INDEX operation_live_subject ON ops.operation (kind_group, subject)
  WHERE state NOT IN ('SUCCEEDED', 'FAILED');
CREATE INDEX operation_due ON ops.operation (run_at) WHERE state NOT IN ('SUCCEEDED', 'FAILED');
CREATE INDEX operation_of_customer ON ops.operation (customer_id, lane)
  WHERE state NOT IN ('SUCCEEDED', 'FAILED');
-- Assigns that ended and left a mark: the sweeper looks once more at what came of them.
CREATE INDEX operation_watched ON ops.operation (run_at)
  WHERE kind = 'NUMBER_ASSIGN' AND state IN ('SUCCEEDED', 'FAILED') AND sent <> '{}';
CREATE INDEX operation_of_parent ON ops.operation (parent_id);
CREATE INDEX operation_by_subject ON ops.operation (subject, created_at);

CREATE TABLE ops.stream (
  id varchar COLLATE "C" PRIMARY KEY,
  customer_id uuid,
  last_seq bigint NOT NULL DEFAULT 0
);
CREATE INDEX ix_ops_stream_customer_id ON ops.stream (customer_id);

CREATE TABLE ops.event (
  stream_id varchar COLLATE "C" NOT NULL,
  seq integer NOT NULL,
  customer_id uuid,
  kind varchar NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL DEFAULT ops.now(),
  PRIMARY KEY (stream_id, seq)
);

CREATE TABLE ops.idempotency (
  scope varchar COLLATE "C" NOT NULL,
  mutation varchar COLLATE "C" NOT NULL,
  key varchar(255) COLLATE "C" NOT NULL,
  customer_id uuid,
  request_hash varchar NOT NULL,
  result jsonb,
  created_at timestamptz NOT NULL DEFAULT ops.now(),
  PRIMARY KEY (scope, mutation, key)
);
CREATE INDEX idempotency_by_created_at ON ops.idempotency (created_at);

CREATE TABLE ops.incident (
  id uuid PRIMARY KEY,
  operation_id uuid REFERENCES ops.operation,
  customer_id uuid REFERENCES accounts.customers ON DELETE RESTRICT,
  number varchar,
  summary varchar NOT NULL,
  last_error varchar,
  opened_at timestamptz NOT NULL DEFAULT ops.now(),
  state text NOT NULL DEFAULT 'OPEN'
    CONSTRAINT incident_state_known CHECK (state IN ('OPEN', 'RETRYING', 'RESOLVED')),
  resolved_by varchar,
  resolution varchar,
  resolved_at timestamptz
);
CREATE UNIQUE INDEX incident_open_operation ON ops.incident (operation_id) WHERE state <> 'RESOLVED';
CREATE INDEX incident_by_opened_at ON ops.incident (opened_at, id);

CREATE TABLE ops.audit (
  id uuid PRIMARY KEY,
  customer_id uuid REFERENCES accounts.customers ON DELETE RESTRICT,
  seq bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT ops.now(),
  actor varchar NOT NULL,
  actor_is_staff boolean NOT NULL DEFAULT false,
  action text NOT NULL,
  number varchar COLLATE "C",
  before jsonb,
  after jsonb,
  reason varchar,
  request_id varchar,
  operation_id uuid
);
CREATE UNIQUE INDEX audit_sequence ON ops.audit (customer_id, seq) NULLS NOT DISTINCT;
CREATE INDEX audit_by_at ON ops.audit (at, id);
CREATE INDEX audit_of_customer_by_at ON ops.audit (customer_id, at, id);
CREATE INDEX audit_of_number ON ops.audit (number, at, id) WHERE number IS NOT NULL;

-- The carrier's budget; its functions are in budget.sql, its story in db/tables/budget.py.
CREATE TABLE ops.token (
  name varchar PRIMARY KEY,
  limit_per_minute integer NOT NULL CONSTRAINT token_limit_positive CHECK (limit_per_minute > 0),
  slots_in_use integer NOT NULL,
  restored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  blocked_until timestamptz,
  throttles integer NOT NULL DEFAULT 0,
  paced_until timestamptz,
  breaker varchar NOT NULL DEFAULT 'CLOSED'
    CONSTRAINT token_breaker_known CHECK (breaker IN ('CLOSED', 'OPEN', 'HALF_OPEN')),
  consecutive_failures integer NOT NULL DEFAULT 0,
  recent varchar NOT NULL DEFAULT '',
  opened_at timestamptz,
  open_until timestamptz,
  probe_lease bigint,
  probe_until timestamptz,
  leases bigint NOT NULL DEFAULT 0,
  CONSTRAINT token_slots_within_limit CHECK (slots_in_use BETWEEN 1 AND limit_per_minute)
);
-- Updated in place all day long: room on the page keeps those updates HOT.
CREATE TABLE ops.slot (
  token varchar NOT NULL REFERENCES ops.token (name),
  n integer NOT NULL,
  free_at timestamptz NOT NULL DEFAULT '-infinity',
  held boolean NOT NULL DEFAULT false,
  lease bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (token, n)
) WITH (fillfactor = 50);
