CREATE TYPE "entity_job_kind" AS ENUM ('cancel', 'extend', 'move');
CREATE TYPE "entity_job_subject" AS ENUM ('purchase', 'grant');
CREATE TYPE "entity_job_outcome" AS ENUM ('pending', 'waiting', 'refunded', 'taken_back', 'closed', 'revoked', 'extended', 'moved', 'unchanged', 'skipped', 'failed');

ALTER TABLE entities ADD COLUMN canceled_at timestamptz(3);

CREATE TABLE entity_jobs (
    id text PRIMARY KEY,
    kind entity_job_kind NOT NULL,
    entity_id text NOT NULL,
    requested_by text NOT NULL,
    reason text,
    days integer,
    idempotency_key text,
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    planned_at timestamptz(3),
    paused_at timestamptz(3),
    paused_by text,
    finished_at timestamptz(3),
    CONSTRAINT entity_jobs_entity_id_fkey FOREIGN KEY (entity_id) REFERENCES entities(id) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT entity_jobs_extend_by_days CHECK ((kind = 'extend') = (days IS NOT NULL))
);
CREATE UNIQUE INDEX entity_jobs_idempotency_key ON entity_jobs (requested_by, idempotency_key);
CREATE UNIQUE INDEX one_cancellation ON entity_jobs (entity_id) WHERE kind = 'cancel';
CREATE INDEX entity_jobs_entity_id_id_idx ON entity_jobs (entity_id, id);
CREATE INDEX entity_jobs_unfinished ON entity_jobs (created_at) WHERE finished_at IS NULL;

CREATE TABLE entity_job_items (
    job_id text NOT NULL,
    subject_id text NOT NULL,
    kind entity_job_subject NOT NULL,
    outcome entity_job_outcome NOT NULL DEFAULT 'pending',
    reason text,
    attempts integer NOT NULL DEFAULT 0,
    updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT entity_job_items_pkey PRIMARY KEY (job_id, subject_id),
    CONSTRAINT entity_job_items_job_id_fkey FOREIGN KEY (job_id) REFERENCES entity_jobs(id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX entity_job_items_next ON entity_job_items (job_id, outcome, attempts, subject_id);
