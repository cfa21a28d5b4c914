-- Migration 0001: customers and the numbers they hold. Never edit after release; add a new file.
CREATE SCHEMA accounts;
CREATE SCHEMA voice;
CREATE SCHEMA ops;

-- The clock comes first: the defaults of every table below use it. plpgsql, because a cached plan
-- beats an SQL function that cannot be inlined; STABLE, so that an index on a deadline can be used.
CREATE TABLE ops.clock (
  one boolean PRIMARY KEY DEFAULT true CONSTRAINT clock_one_row CHECK (one),
  shift interval NOT NULL DEFAULT interval '0'
);
INSERT INTO ops.clock DEFAULT VALUES;

CREATE FUNCTION ops.now() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN clock_timestamp() + (SELECT shift FROM ops.clock);
END $$;

CREATE TABLE accounts.customers (
  id uuid PRIMARY KEY,
  name varchar NOT NULL,
  ban varchar NOT NULL UNIQUE,
  email varchar,
  created_at timestamptz NOT NULL DEFAULT ops.now()
);

CREATE TABLE voice.trunks (
  id uuid PRIMARY KEY,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  name varchar NOT NULL
);
CREATE INDEX ix_voice_trunks_customer_id ON voice.trunks (customer_id);

CREATE TABLE voice.e911_addresses (
  id uuid PRIMARY KEY,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  label varchar NOT NULL,
  line varchar NOT NULL,
  city varchar NOT NULL,
  state varchar NOT NULL,
  postal_code varchar NOT NULL,
  validated boolean NOT NULL DEFAULT false
);
CREATE INDEX ix_voice_e911_addresses_customer_id ON voice.e911_addresses (customer_id);

CREATE TABLE voice.dids (
  id uuid PRIMARY KEY,
  -- Collation C: bytes decide, so that a prefix is a range and no locale upgrade breaks an index.
  number varchar COLLATE "C" NOT NULL CONSTRAINT dids_number_e164 CHECK (number ~ '^\+1[2-9][0-9]{9}$'),
  number_type text NOT NULL,
  country_code varchar NOT NULL DEFAULT 'US',
  npa varchar NOT NULL,
  nxx varchar NOT NULL,
  locality varchar,
  state varchar,
  lata integer,
  rate_center varchar,
  time_zone varchar,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  status text NOT NULL DEFAULT 'ACTIVE'
    CONSTRAINT dids_status_known CHECK (status IN ('ACTIVE', 'PORTING', 'RELEASING', 'DISCONNECTED')),
  friendly_name varchar,
  voice_enabled boolean NOT NULL DEFAULT true,
  sms_enabled boolean NOT NULL DEFAULT false,
  mms_enabled boolean NOT NULL DEFAULT false,
  fax_enabled boolean NOT NULL DEFAULT false,
  routing_type text NOT NULL DEFAULT 'NONE',
  trunk_id uuid REFERENCES voice.trunks,
  routing_destination varchar,
  failover_destination varchar,
  cnam varchar(15),
  e911_address_id uuid REFERENCES voice.e911_addresses,
  campaign_id varchar,
  brand_id varchar,
  tcr_status varchar,
  messaging_port_status text NOT NULL DEFAULT 'NOT_APPLICABLE',
  ported boolean NOT NULL DEFAULT false,
  ported_from varchar,
  ported_at timestamptz,
  port_project_id uuid,
  monthly_cost numeric(10,4) NOT NULL,
  setup_fee numeric(10,4) NOT NULL,
  currency varchar NOT NULL DEFAULT 'USD',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  acquired_at timestamptz NOT NULL DEFAULT ops.now(),
  releasing_at timestamptz,
  released_at timestamptz,
  release_reason varchar,
  billing_ends_at timestamptz,
  meta_version bigint NOT NULL DEFAULT 1,
  pushed_version bigint NOT NULL DEFAULT 0,
  assign_operation_id uuid,
  created_at timestamptz NOT NULL DEFAULT ops.now(),
  updated_at timestamptz NOT NULL DEFAULT ops.now(),
  number_reversed text COLLATE "C" GENERATED ALWAYS AS (reverse(number)) STORED
);
-- One live did for each number: whoever comes second loses here, whatever they believed before.
CREATE UNIQUE INDEX dids_live_number ON voice.dids (number) WHERE status <> 'DISCONNECTED';
CREATE INDEX dids_by_number ON voice.dids (number, id);
CREATE INDEX dids_of_customer_by_number ON voice.dids (customer_id, number, id);
CREATE INDEX dids_by_acquired_at ON voice.dids (acquired_at, id);
CREATE INDEX dids_of_customer_by_acquired_at ON voice.dids (customer_id, acquired_at, id);
CREATE INDEX dids_by_number_reversed ON voice.dids (number_reversed);
CREATE INDEX dids_of_trunk ON voice.dids (trunk_id, number, id) WHERE trunk_id IS NOT NULL;
CREATE INDEX dids_out_of_sync ON voice.dids (updated_at) WHERE meta_version <> pushed_version;

CREATE TABLE voice.reservations (
  id uuid PRIMARY KEY,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  state text NOT NULL DEFAULT 'PENDING',
  created_by varchar NOT NULL,
  created_at timestamptz NOT NULL DEFAULT ops.now(),
  expires_at timestamptz,
  on_partial text NOT NULL,
  sequence bigint NOT NULL DEFAULT 0,
  closed_at timestamptz
);
CREATE INDEX reservations_of_customer ON voice.reservations (customer_id, created_at, id);
CREATE INDEX reservations_by_created_at ON voice.reservations (created_at, id);

CREATE TABLE voice.reservation_items (
  id uuid PRIMARY KEY,
  reservation_id uuid NOT NULL REFERENCES voice.reservations,
  customer_id uuid NOT NULL REFERENCES accounts.customers ON DELETE RESTRICT,
  number varchar COLLATE "C" NOT NULL
    CONSTRAINT reservation_items_number_e164 CHECK (number ~ '^\+1[2-9][0-9]{9}$'),
  position integer NOT NULL,
  state text NOT NULL DEFAULT 'PENDING' CONSTRAINT reservation_items_state_known CHECK (state IN (
    'PENDING', 'HELD', 'ASSIGNING', 'ASSIGNED', 'FAILED', 'RELEASED', 'EXPIRED', 'PENDING_CONFIRMATION')),
  number_type text NOT NULL,
  npa varchar NOT NULL,
  nxx varchar NOT NULL,
  locality varchar,
  state_code varchar,
  lata integer,
  rate_center varchar,
  time_zone varchar,
  monthly_cost numeric(10,4) NOT NULL,
  setup_fee numeric(10,4) NOT NULL,
  currency varchar NOT NULL DEFAULT 'USD',
  held_at timestamptz,
  expires_at timestamptz,
  did_id uuid REFERENCES voice.dids,
  operation_id uuid,
  error jsonb,
  updated_at timestamptz NOT NULL DEFAULT ops.now()
);
-- One live hold for each number, over all customers (decisions 7).
CREATE UNIQUE INDEX reservation_items_live_number ON voice.reservation_items (number)
  WHERE state IN ('PENDING', 'HELD', 'ASSIGNING', 'PENDING_CONFIRMATION');
CREATE INDEX reservation_items_of_reservation ON voice.reservation_items (reservation_id, position);
CREATE INDEX reservation_items_due ON voice.reservation_items (expires_at) WHERE state = 'HELD';
CREATE INDEX reservation_items_held_by_customer ON voice.reservation_items (customer_id)
  WHERE state IN ('PENDING', 'HELD', 'ASSIGNING', 'PENDING_CONFIRMATION');
