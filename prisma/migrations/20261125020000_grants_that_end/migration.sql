-- The reconciler looks for what has ended in time since it last ran.
CREATE INDEX "grants_ending" ON "grants" ("expires_at") WHERE ended_at IS NULL;
