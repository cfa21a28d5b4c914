-- Migration 0002: port projects, their numbers, documents, history; webhooks in, notices out.

CREATE TABLE voice.port_projects (
  id uuid PRIMARY KEY,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  name varchar NOT NULL,
  description varchar,
  status text NOT NULL DEFAULT 'DRAFT' CONSTRAINT port_projects_status_known CHECK (status IN (
    'DRAFT', 'VALIDATING', 'NEEDS_FIXES', 'VALIDATED', 'SUBMITTED', 'PENDING', 'REJECTED', 'CONFIRMED',
    'FOC_ASSIGNED', 'ACTIVATING', 'PARTIAL', 'COMPLETE', 'CANCELLING', 'CANCELLED')),
  status_since timestamptz NOT NULL DEFAULT ops.now(),
  losing_carrier varchar,
  authorized_person varchar,
  authorized_title varchar,
  requested_foc_date date,
  foc_date date,
  rush boolean NOT NULL DEFAULT false,
  attempt integer NOT NULL DEFAULT 1,
  -- What the carrier knows of it: its ids, and which version of the fields it was told.
  carrier_id varchar COLLATE "C" UNIQUE,
  lsr_id varchar COLLATE "C",
  job_id varchar COLLATE "C",
  version bigint NOT NULL DEFAULT 1,
  pushed_version bigint NOT NULL DEFAULT 0,
  -- What somebody has asked for and no operation has done yet: {"kind": "SUBMIT", "foc_date": …}.
  wanted jsonb,
  rejection jsonb,
  -- The last look at a validation: counts and rate as the carrier told them.
  checked_total integer NOT NULL DEFAULT 0,
  checked_count integer NOT NULL DEFAULT 0,
  checked_errors integer NOT NULL DEFAULT 0,
  checked_rate double precision,
  checked_at timestamptz,
  stale boolean NOT NULL DEFAULT false,
  -- The last numbers of the streams port:<id> and port-progress:<id>.
  sequence bigint NOT NULL DEFAULT 0,
  progress_sequence bigint NOT NULL DEFAULT 0,
  stall_kind text,
  stall_since timestamptz,
  -- Prices frozen at the submission (plan, appendix).
  fee numeric(10,4),
  rush_fee numeric(10,4),
  currency varchar NOT NULL DEFAULT 'USD',
  created_by varchar NOT NULL,
  created_at timestamptz NOT NULL DEFAULT ops.now(),
  updated_at timestamptz NOT NULL DEFAULT ops.now(),
  submitted_at timestamptz,
  completed_at timestamptz
);
CREATE INDEX port_projects_of_customer ON voice.port_projects (customer_id, created_at, id);
CREATE INDEX port_projects_by_created_at ON voice.port_projects (created_at, id);
CREATE INDEX port_projects_open ON voice.port_projects (updated_at)
  WHERE status NOT IN ('COMPLETE', 'CANCELLED');
CREATE INDEX port_projects_stalled ON voice.port_projects (stall_since, id) WHERE stall_kind IS NOT NULL;

-- One row for each submission: which LSR was which attempt (decisions 28).
CREATE TABLE voice.port_attempts (
  project_id uuid NOT NULL REFERENCES voice.port_projects,
  attempt integer NOT NULL,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  lsr_id varchar COLLATE "C",
  foc_date date,
  submitted_at timestamptz NOT NULL DEFAULT ops.now(),
  ended_as text,
  rejection jsonb,
  PRIMARY KEY (project_id, attempt)
);
CREATE INDEX port_attempts_by_lsr ON voice.port_attempts (lsr_id);
CREATE INDEX port_attempts_of_customer ON voice.port_attempts (customer_id);

CREATE TABLE voice.port_numbers (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES voice.port_projects,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  number varchar COLLATE "C" NOT NULL
    CONSTRAINT port_numbers_number_e164 CHECK (number ~ '^\+1[2-9][0-9]{9}$'),
  state text NOT NULL DEFAULT 'PENDING' CONSTRAINT port_numbers_state_known CHECK (state IN (
    'PENDING', 'VALIDATING', 'VALID', 'INVALID', 'SUBMITTED', 'REJECTED', 'ACTIVE', 'FAILED', 'CANCELLED')),
  losing_carrier varchar,
  losing_spid varchar,
  btn varchar,
  -- Sealed with SECRETS_KEY; only the worker opens them, to tell the carrier (decisions 25).
  account_number_sealed bytea,
  account_number_mask varchar,
  pin_sealed bytea,
  notes varchar,
  row integer,
  errors jsonb NOT NULL DEFAULT '[]',
  version bigint NOT NULL DEFAULT 1,
  pushed_version bigint NOT NULL DEFAULT 0,
  removed_at timestamptz,
  -- The carrier was told of the removal (or never knew the number).
  removal_pushed boolean NOT NULL DEFAULT false,
  -- Its project is to be submitted: nobody else may submit it, and the carrier has not answered yet.
  submitting boolean NOT NULL DEFAULT false,
  did_id uuid REFERENCES voice.dids,
  activated_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT ops.now()
);
-- A number is once in a project, and in one open project of a customer.
CREATE UNIQUE INDEX port_numbers_live ON voice.port_numbers (customer_id, number)
  WHERE removed_at IS NULL AND state NOT IN ('ACTIVE', 'FAILED', 'CANCELLED');
-- Who asks first to submit it has it, whoever else has drafted it: decided before the carrier hears.
CREATE UNIQUE INDEX port_numbers_submitted ON voice.port_numbers (number)
  WHERE submitting OR state = 'SUBMITTED';
CREATE INDEX port_numbers_of_project ON voice.port_numbers (project_id, number, id);
CREATE INDEX port_numbers_by_number ON voice.port_numbers (number);
CREATE INDEX port_numbers_unpushed ON voice.port_numbers (project_id)
  WHERE (removed_at IS NULL AND version <> pushed_version)
    OR (removed_at IS NOT NULL AND NOT removal_pushed);

CREATE TABLE voice.port_documents (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES voice.port_projects,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  kind text NOT NULL,
  file_name varchar NOT NULL,
  size_bytes integer NOT NULL,
  sha256 varchar NOT NULL,
  content_sealed bytea NOT NULL,
  signed_by varchar,
  signed_on date,
  -- Of the list of numbers at the time: an LOA speaks for exactly these.
  list_hash varchar,
  uploaded_by varchar NOT NULL,
  uploaded_by_staff boolean NOT NULL DEFAULT false,
  uploaded_at timestamptz NOT NULL DEFAULT ops.now()
);
CREATE INDEX port_documents_of_project ON voice.port_documents (project_id, uploaded_at, id);
CREATE INDEX port_documents_of_customer ON voice.port_documents (customer_id);

CREATE TABLE voice.port_events (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES voice.port_projects,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  seq bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT ops.now(),
  actor varchar NOT NULL,
  actor_is_staff boolean NOT NULL DEFAULT false,
  status text,
  summary varchar NOT NULL,
  number varchar COLLATE "C",
  carrier_code varchar,
  UNIQUE (project_id, seq)
);
CREATE INDEX port_events_of_customer ON voice.port_events (customer_id);

CREATE TABLE voice.port_comments (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES voice.port_projects,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  at timestamptz NOT NULL DEFAULT ops.now(),
  author varchar NOT NULL,
  author_is_staff boolean NOT NULL DEFAULT false,
  text varchar NOT NULL
);
CREATE INDEX port_comments_of_project ON voice.port_comments (project_id, at, id);
CREATE INDEX port_comments_of_customer ON voice.port_comments (customer_id);

-- The carrier's deliveries, by their webhook-id: a repetition finds its row (invariant I12).
CREATE TABLE ops.webhook (
  id varchar(255) COLLATE "C" PRIMARY KEY,
  type varchar NOT NULL,
  carrier_id varchar,
  lsr_id varchar,
  occurred_at timestamptz,
  body jsonb NOT NULL DEFAULT '{}',
  operation_id uuid NOT NULL,
  received_at timestamptz NOT NULL DEFAULT ops.now(),
  processed_at timestamptz,
  outcome varchar
);
CREATE INDEX webhook_by_received_at ON ops.webhook (received_at);
CREATE INDEX webhook_of_operation ON ops.webhook (operation_id);

-- The outbox: one row for each (occasion, recipient), sent by an operation (invariant I13).
CREATE TABLE ops.notice (
  id uuid PRIMARY KEY,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  kind text NOT NULL,
  occasion varchar NOT NULL,
  recipient varchar NOT NULL,
  facts jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT ops.now(),
  sent_at timestamptz,
  sends integer NOT NULL DEFAULT 0,
  UNIQUE (occasion, recipient)
);
CREATE INDEX notice_of_customer ON ops.notice (customer_id, created_at);
CREATE INDEX notice_unsent ON ops.notice (created_at) WHERE sent_at IS NULL;

CREATE TABLE accounts.notice_preferences (
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  kind text NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  -- Empty: the customer's own address.
  recipients varchar[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (customer_id, kind)
);

ALTER TABLE voice.dids ADD CONSTRAINT dids_port_project
  FOREIGN KEY (port_project_id) REFERENCES voice.port_projects NOT VALID;

SELECT ops.guard(t, 'customer_id') FROM unnest(ARRAY[
  'voice.port_projects', 'voice.port_attempts', 'voice.port_numbers', 'voice.port_documents',
  'voice.port_events', 'voice.port_comments', 'ops.notice', 'accounts.notice_preferences']::regclass[]) AS t;

GRANT SELECT ON voice.port_projects, voice.port_attempts, voice.port_numbers, voice.port_documents,
  voice.port_events, voice.port_comments, ops.webhook, ops.notice, accounts.notice_preferences
  TO warp_app, warp_worker;
GRANT INSERT, UPDATE ON voice.port_projects, voice.port_attempts, voice.port_numbers, ops.notice,
  accounts.notice_preferences TO warp_app, warp_worker;
GRANT INSERT ON voice.port_documents, voice.port_events, voice.port_comments, ops.webhook TO warp_app, warp_worker;
GRANT UPDATE (content_sealed) ON voice.port_documents TO warp_worker;
GRANT UPDATE, DELETE ON ops.webhook TO warp_worker;

-- A delivery names no customer: staff (the gateway's door) and the worker see it, no customer does.
ALTER TABLE ops.webhook ENABLE ROW LEVEL SECURITY;
ALTER TABLE ops.webhook FORCE ROW LEVEL SECURITY;
CREATE POLICY staff_scope ON ops.webhook USING ((SELECT current_setting('app.scope', true)) = 'STAFF');
CREATE POLICY worker_scope ON ops.webhook TO warp_worker
  USING ((SELECT current_setting('app.scope', true)) = 'WORKER');

-- That somebody has submitted a number, or is about to, never who (as voice.live_numbers).
CREATE FUNCTION voice.live_ports(numbers text[]) RETURNS TABLE (number text, mine boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = '' AS $$
  SELECT p.number::text,
    coalesce(p.customer_id = nullif(current_setting('app.customer_id', true), '')::uuid, false)
  FROM voice.port_numbers AS p
  WHERE p.number = ANY (numbers) AND (p.submitting OR p.state = 'SUBMITTED')
$$;
REVOKE ALL ON FUNCTION voice.live_ports FROM PUBLIC;
GRANT EXECUTE ON FUNCTION voice.live_ports TO warp_app, warp_worker;
