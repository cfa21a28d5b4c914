-- Migration 0001: what each role may do at all; the policies then say to which rows.
GRANT USAGE ON SCHEMA accounts, voice, ops, queue TO warp_app, warp_worker;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA voice, ops FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA voice, ops TO warp_app, warp_worker;
REVOKE ALL ON FUNCTION ops.guard FROM warp_app, warp_worker;

GRANT SELECT ON ALL TABLES IN SCHEMA accounts, voice, ops TO warp_app, warp_worker;
GRANT INSERT, UPDATE ON
  voice.dids, voice.reservations, voice.reservation_items,
  ops.operation, ops.stream, ops.idempotency, ops.incident, ops.token, ops.slot
  TO warp_app, warp_worker;
-- Append only: a trail that can be edited proves nothing.
GRANT INSERT ON ops.audit, ops.event TO warp_app, warp_worker;
GRANT INSERT, UPDATE, DELETE ON ops.sign TO warp_worker;
-- Old keys are pruned by the worker.
GRANT DELETE ON ops.idempotency TO warp_worker;

-- The gateway enqueues; only the worker takes jobs.
GRANT SELECT, INSERT, UPDATE ON queue.pgqueuer TO warp_app;
GRANT INSERT ON queue.pgqueuer_log TO warp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA queue TO warp_worker;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA queue TO warp_app, warp_worker;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA queue TO warp_app, warp_worker;

-- Readiness asks which revision the database is at.
GRANT SELECT ON public.alembic_version TO warp_app, warp_worker;
