-- The rate slots of ops.token / ops.slot: research/reliability.md 2.2.
-- The tables are made by the migration (db/tables/budget.py); this file holds the functions only.
-- Statements are separated by a line that says "-- ~", for drivers that take one at a time.
--
-- Real time on purpose (decisions 16): the carrier's window does not move when tests move ops.now().
-- Every function locks the token's row first, so the read-decide-write below is serial per token;
-- in READ COMMITTED each statement after the lock sees what the previous holder committed.
-- A slot is held from the grant until the settlement plus one window. The call reaches the carrier
-- somewhere in between, so no sliding window ever holds more arrivals than there are slots.

CREATE OR REPLACE FUNCTION ops.seed_slots(p_token text, p_limit int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ops.token AS t (name, limit_per_minute, slots_in_use)
  VALUES (p_token, p_limit, p_limit)
  ON CONFLICT (name) DO UPDATE SET
    limit_per_minute = p_limit,
    -- A raised limit gives its room at once; what a 429 took away stays away until restored.
    slots_in_use = least(p_limit, t.slots_in_use + greatest(0, p_limit - t.limit_per_minute));
  -- Slots above a lowered limit stay: those taken still count, those free are never needed.
  INSERT INTO ops.slot (token, n)
  SELECT p_token, g FROM generate_series(1, p_limit) AS g
  ON CONFLICT (token, n) DO NOTHING;
END $$;
-- ~

-- outcome: GRANTED (slot n under lease), BUSY or BLOCKED (try again after `wait` seconds), OPEN
-- (the breaker; `wait` seconds left). No row at all: the token was never seeded.
CREATE OR REPLACE FUNCTION ops.acquire_slot(
  p_token text, p_lane text, p_reserve int,
  p_hold double precision, p_window double precision
) RETURNS TABLE (outcome text, n int, lease bigint, wait double precision)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  t ops.token;
  moment timestamptz;
  win interval := make_interval(secs => p_window);
  grown int;
  busy int;
  cap int;
  due timestamptz;
  chosen int;
BEGIN
  SELECT * INTO t FROM ops.token WHERE name = p_token FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  moment := clock_timestamp();

  IF t.blocked_until > moment THEN
    RETURN QUERY SELECT 'BLOCKED', NULL::int, NULL::bigint,
      extract(epoch FROM t.blocked_until - moment)::double precision;
    RETURN;
  END IF;

  due := CASE t.breaker WHEN 'OPEN' THEN t.open_until WHEN 'HALF_OPEN' THEN t.probe_until END;
  IF due > moment THEN
    RETURN QUERY SELECT 'OPEN', NULL::int, NULL::bigint,
      extract(epoch FROM due - moment)::double precision;
    RETURN;
  END IF;

  grown := least(
    t.limit_per_minute - t.slots_in_use,
    floor(extract(epoch FROM moment - t.restored_at) / p_window)::int
  );
  IF grown > 0 THEN
    t.slots_in_use := t.slots_in_use + grown;
    t.restored_at := t.restored_at + grown * win;
  END IF;

  -- Half of a small budget is the most that may be kept from the background lanes.
  cap := t.slots_in_use - CASE p_lane
    WHEN 'INTERACTIVE' THEN 0
    WHEN 'BULK' THEN least(p_reserve, t.slots_in_use / 2)
    ELSE t.slots_in_use / 2 END;
  SELECT count(*) INTO busy FROM ops.slot s WHERE s.token = p_token AND s.free_at > moment;

  IF busy >= cap THEN
    -- When enough slots will have come back; one still held comes back a window from now at best.
    SELECT CASE WHEN s.held THEN least(s.free_at, moment + win) ELSE s.free_at END AS back INTO due
    FROM ops.slot s WHERE s.token = p_token AND s.free_at > moment
    ORDER BY back OFFSET busy - cap LIMIT 1;
  ELSIF p_lane <> 'INTERACTIVE' AND t.paced_until > moment THEN
    due := t.paced_until;
  ELSE
    SELECT s.n INTO chosen FROM ops.slot s
    WHERE s.token = p_token AND s.free_at <= moment ORDER BY s.free_at LIMIT 1;
    due := moment + win;
  END IF;
  IF chosen IS NULL THEN
    RETURN QUERY SELECT 'BUSY', NULL::int, NULL::bigint,
      extract(epoch FROM due - moment)::double precision;
    RETURN;
  END IF;

  t.leases := t.leases + 1;
  UPDATE ops.slot s SET
    held = true, lease = t.leases, free_at = moment + make_interval(secs => p_hold) + win
  WHERE s.token = p_token AND s.n = chosen;
  UPDATE ops.token SET
    leases = t.leases, slots_in_use = t.slots_in_use, restored_at = t.restored_at,
    -- Lateness of up to one gap may be caught up, so that waking late costs no throughput.
    paced_until = CASE WHEN p_lane = 'INTERACTIVE' THEN t.paced_until
      ELSE greatest(t.paced_until, moment - win / t.limit_per_minute) + win / t.limit_per_minute END,
    breaker = CASE WHEN t.breaker = 'CLOSED' THEN 'CLOSED' ELSE 'HALF_OPEN' END,
    probe_lease = CASE WHEN t.breaker = 'CLOSED' THEN NULL ELSE t.leases END,
    probe_until = CASE WHEN t.breaker = 'CLOSED' THEN NULL
      ELSE moment + make_interval(secs => p_hold) END
  WHERE name = p_token;
  RETURN QUERY SELECT 'GRANTED', chosen, t.leases, 0::double precision;
END $$;
-- ~

-- p_retry_after: what the carrier asked for, jitter included, or NULL. p_backoff is the unit (one
-- second in real life) of the full-jitter back-off 1, 2, 4 .. 60 after a 429 that names no time.
CREATE OR REPLACE FUNCTION ops.settle_slot(
  p_token text, p_n int, p_lease bigint, p_verdict text, p_retry_after double precision,
  p_window double precision, p_open double precision, p_backoff double precision
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  t ops.token;
  moment timestamptz;
  win interval := make_interval(secs => p_window);
  probe boolean;
  trips boolean;
BEGIN
  SELECT * INTO t FROM ops.token WHERE name = p_token FOR UPDATE;
  moment := clock_timestamp();
  UPDATE ops.slot s SET
    held = false,
    -- A call without an answer may still be on its way: it keeps the time it was granted.
    free_at = CASE WHEN p_verdict IN ('FAILED', 'ABANDONED') THEN greatest(s.free_at, moment + win)
      ELSE moment + win END
  WHERE s.token = p_token AND s.n = p_n AND s.lease = p_lease AND s.held;

  IF p_verdict = 'THROTTLED' THEN
    -- Calls that were already under way when the first 429 came are one event, not many.
    IF t.blocked_until IS NULL OR t.blocked_until <= moment THEN
      t.slots_in_use := greatest(1, t.slots_in_use * 3 / 4);
      t.restored_at := moment;
      t.throttles := least(t.throttles + 1, 7);
    END IF;
    p_retry_after := coalesce(
      p_retry_after, p_backoff * random() * least(60, 2 ^ greatest(0, t.throttles - 1)));
  ELSIF p_verdict = 'OK' THEN
    t.throttles := 0;
  END IF;
  IF p_retry_after IS NOT NULL THEN
    t.blocked_until := greatest(t.blocked_until, moment + make_interval(secs => p_retry_after));
  END IF;

  probe := t.breaker = 'HALF_OPEN' AND t.probe_lease = p_lease;
  IF p_verdict = 'ABANDONED' THEN
    IF probe THEN t.probe_until := moment; END IF;
  ELSIF p_verdict = 'FAILED' THEN
    t.consecutive_failures := t.consecutive_failures + 1;
    t.recent := right(t.recent || '1', 20);
    trips := t.breaker = 'CLOSED' AND (t.consecutive_failures > 5
      OR (length(t.recent) = 20 AND length(replace(t.recent, '0', '')) > 10));
    IF trips OR probe THEN
      t.breaker := 'OPEN';
      t.opened_at := moment;
      t.open_until := moment + make_interval(secs => p_open);
    END IF;
  ELSIF probe THEN
    t.breaker := 'CLOSED';
    t.consecutive_failures := 0;
    t.recent := '';
  ELSIF p_verdict <> 'THROTTLED' THEN
    t.consecutive_failures := 0;
    t.recent := right(t.recent || '0', 20);
  END IF;

  UPDATE ops.token SET
    slots_in_use = t.slots_in_use, restored_at = t.restored_at, throttles = t.throttles,
    blocked_until = t.blocked_until, breaker = t.breaker, recent = t.recent,
    consecutive_failures = t.consecutive_failures, opened_at = t.opened_at,
    open_until = t.open_until, probe_until = t.probe_until
  WHERE name = p_token;
END $$;
