-- Migration 0001: who sees which rows (decisions 21).
-- Settings of the transaction: app.scope CUSTOMER, STAFF or WORKER, and app.customer_id. None: no rows.
-- The sub-selects make PostgreSQL ask for the setting once for a statement instead of once for a row.
CREATE FUNCTION ops.guard(guarded regclass, owner_column name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
  EXECUTE format($p$CREATE POLICY customer_scope ON %s USING (
      (SELECT current_setting('app.scope', true)) = 'CUSTOMER'
      AND %I = (SELECT nullif(current_setting('app.customer_id', true), '')::uuid))$p$,
    guarded, owner_column);
  EXECUTE format($p$CREATE POLICY staff_scope ON %s USING (
      (SELECT current_setting('app.scope', true)) = 'STAFF')$p$, guarded);
  -- FORCE binds the owner too: he reads for the functions below, and writes only with a scope.
  EXECUTE format('CREATE POLICY owner_reads ON %s FOR SELECT TO CURRENT_USER USING (true)', guarded);
  EXECUTE format($p$CREATE POLICY worker_scope ON %s TO warp_worker USING (
      (SELECT current_setting('app.scope', true)) = 'WORKER')$p$, guarded);
END $$;

SELECT ops.guard('accounts.customers', 'id');
SELECT ops.guard(t, 'customer_id') FROM unnest(ARRAY[
  'voice.trunks', 'voice.e911_addresses', 'voice.dids', 'voice.reservations',
  'voice.reservation_items', 'ops.operation', 'ops.stream', 'ops.event', 'ops.idempotency',
  'ops.incident', 'ops.audit']::regclass[]) AS t;

-- What one customer may learn about the numbers of others: that somebody has them, nothing more.
-- They run as the owner (SECURITY DEFINER), whose policy lets him read.
CREATE FUNCTION voice.live_holders(numbers text[]) RETURNS TABLE (number text, mine boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = '' AS $$
  SELECT i.number::text,
    coalesce(i.customer_id = nullif(current_setting('app.customer_id', true), '')::uuid, false)
  FROM voice.reservation_items AS i
  WHERE i.number = ANY (numbers)
    AND i.state IN ('PENDING', 'HELD', 'ASSIGNING', 'PENDING_CONFIRMATION')
$$;

CREATE FUNCTION voice.live_numbers(numbers text[]) RETURNS TABLE (number text, mine boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = '' AS $$
  SELECT d.number::text,
    coalesce(d.customer_id = nullif(current_setting('app.customer_id', true), '')::uuid, false)
  FROM voice.dids AS d
  WHERE d.number = ANY (numbers) AND d.status <> 'DISCONNECTED'
$$;

CREATE FUNCTION ops.live_subjects(grouped text, subjects text[])
RETURNS TABLE (subject text, mine boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = '' AS $$
  SELECT o.subject::text,
    coalesce(o.customer_id = nullif(current_setting('app.customer_id', true), '')::uuid, false)
  FROM ops.operation AS o
  WHERE o.kind_group = grouped AND o.subject = ANY (subjects)
    AND o.state NOT IN ('SUCCEEDED', 'FAILED')
$$;
