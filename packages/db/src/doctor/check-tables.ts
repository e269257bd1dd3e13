import { maxContainerLevels, SYSTEM_ACTOR } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import { Prisma } from '../generated/client.ts'
import type { DoctorRule, Finding } from './finding.ts'

type Rule = Pick<Finding, 'level' | 'rule'> & { find: (db: Db, now: Date) => Promise<Pick<Finding, 'id' | 'detail'>[]> }

const minutesAgo = (now: Date, minutes: number): Date => new Date(now.getTime() - minutes * 60_000)

/** Invariants across rows. Database constraints enforce some of these invariants, but a row may be older than its constraint. */
const rules: Rule[] = [
  {
    level: 'broken',
    rule: 'one_open_purchase',
    find: (db) =>
      db.$queryRaw`SELECT user_id AS id, entity_id || ': ' || string_agg(id, ', ') AS detail FROM purchases WHERE open GROUP BY user_id, entity_id HAVING count(*) > 1`,
  },
  {
    level: 'broken',
    rule: 'refunded_within_paid',
    find: (db) =>
      db.$queryRaw`SELECT p.id, sum(r.amount) || ' refunded of ' || (p.facts -> ('payment:' || r.payment_intent_id) ->> 'amount') || ' by ' || r.payment_intent_id AS detail
        FROM purchases p JOIN refunds r ON r.purchase_id = p.id WHERE r.status NOT IN ('failed', 'canceled')
        GROUP BY p.id, r.payment_intent_id HAVING sum(r.amount) > (p.facts -> ('payment:' || r.payment_intent_id) ->> 'amount')::bigint`,
  },
  {
    level: 'broken',
    rule: 'no_double_payment',
    // Finds pairs of payments that were both kept, where the second payment is not a renewal and was completed while the first payment gave
    // access to the same entity, or to one of its containers, until at least the end of the second payment's access. The ids in `changes`
    // show the order in which a user's payments were applied. The servers' clocks may differ by up to a minute.
    find: (db) =>
      db.$queryRaw`SELECT second.id, 'while ' || first.id || ' gave the same access' AS detail
        FROM purchases second
        JOIN entities bought ON bought.id = second.entity_id
        JOIN purchases first ON first.user_id = second.user_id AND first.id <> second.id AND (
          first.entity_id = second.entity_id OR EXISTS (
            SELECT FROM containments c WHERE c.member_id = second.entity_id AND c.container_id = first.entity_id AND c.removed_at IS NULL
              AND c.added_at <= second.created_at
          )
        )
        JOIN grants given ON given.purchase_id = first.id
        JOIN entities covering ON covering.id = first.entity_id
        CROSS JOIN LATERAL (
          SELECT c.id, c.at FROM changes c WHERE c.purchase_id = second.id AND c.from_status <> 'Completed' AND c.to_status = 'Completed' ORDER BY c.id DESC LIMIT 1
        ) completion
        CROSS JOIN LATERAL (
          SELECT grant_starts_at(given, covering.available_from) + coalesce(first.access_duration_days, first.rental_start_within_days) * interval '86400 seconds' AS first_until,
            greatest(second.created_at, CASE WHEN bought.available_from > second.completed_at THEN bought.available_from END)
              + coalesce(second.access_duration_days, second.rental_start_within_days) * interval '86400 seconds' AS second_until
        ) terms
        WHERE first.status = 'Completed' AND second.status = 'Completed' AND NOT second.is_renewal
          AND given.created_at < completion.at + interval '1 minute'
          AND (given.revoked_at IS NULL OR given.revoked_at > completion.at + interval '1 minute')
          AND coalesce(grant_expires_at(given, grant_starts_at(given, covering.available_from)) > completion.at + interval '1 minute', true)
          AND (first_until IS NULL OR first_until >= second_until)
          AND (SELECT c.to_status FROM changes c WHERE c.purchase_id = first.id AND c.id < completion.id ORDER BY c.id DESC LIMIT 1) = 'Completed'
          AND NOT EXISTS (SELECT FROM refund_requests r WHERE r.purchase_id = second.id AND r.payment_intent_id = second.external_transaction_id AND r.requested_by = ${SYSTEM_ACTOR})
          AND NOT EXISTS (SELECT FROM alerts l WHERE l.purchase_id IN (first.id, second.id) AND l.kind = 'restored_but_covered')`,
  },
  {
    level: 'broken',
    rule: 'canceled_events_are_refunded',
    // If a payment could not be refunded, the cancellation's report or an alert must name the payment. Disputed payments are excluded,
    // because the dispute decides who gets the money.
    find: (db) =>
      db.$queryRaw`SELECT purchases.id, purchases.entity_id || ' was canceled, and the payment is neither refunded nor reported' AS detail
        FROM entity_jobs AS job JOIN purchases ON purchases.entity_id = job.entity_id
        WHERE job.kind = 'cancel' AND job.finished_at IS NOT NULL AND purchases.status = 'Completed'
          AND NOT EXISTS (SELECT FROM refund_requests r WHERE r.purchase_id = purchases.id AND r.responded_at IS NULL)
          AND NOT EXISTS (
            SELECT FROM entity_job_items item WHERE item.job_id = job.id AND item.subject_id = purchases.id
              AND (item.outcome = 'failed' OR item.reason IN ('disputed', 'charged_back'))
          )
          AND NOT EXISTS (SELECT FROM alerts l WHERE l.purchase_id = purchases.id AND l.kind IN ('refund_failed', 'refund_refused'))
          AND NOT EXISTS (SELECT FROM changes c WHERE c.purchase_id = purchases.id AND c.from_status IN ('Disputed', 'ChargedBack'))`,
  },
  {
    level: 'broken',
    rule: 'grants_match_their_purchases',
    find: (db) =>
      db.$queryRaw`SELECT p.id, 'its grant ' || g.id || ' has another user, entity or length of access' AS detail FROM grants g JOIN purchases p ON p.id = g.purchase_id
        WHERE (g.user_id, g.entity_id, g.access_duration_days, g.rental_start_within_days, g.rental_watch_within_hours)
          IS DISTINCT FROM (p.user_id, p.entity_id, p.access_duration_days, p.rental_start_within_days, p.rental_watch_within_hours)`,
  },
  {
    level: 'broken',
    rule: 'status_changes_are_audited',
    find: (db) =>
      db.$queryRaw`SELECT p.id, 'the last change says ' || coalesce((SELECT c.to_status::text FROM changes c WHERE c.purchase_id = p.id ORDER BY c.id DESC LIMIT 1), 'nothing') || ', the status is ' || p.status AS detail
        FROM purchases p WHERE p.status <> coalesce((SELECT c.to_status FROM changes c WHERE c.purchase_id = p.id ORDER BY c.id DESC LIMIT 1), 'Pending')`,
  },
  {
    level: 'broken',
    rule: 'containments_follow_from_memberships',
    find: (db) =>
      db.$queryRaw`WITH RECURSIVE chains AS (
          SELECT member_id, container_id, 1 AS depth FROM memberships
          UNION
          SELECT chains.member_id, memberships.container_id, depth + 1
          FROM chains JOIN memberships ON memberships.member_id = chains.container_id WHERE depth <= ${maxContainerLevels}
        )
        SELECT member_id AS id, container_id || ' contains it at the depth ' || coalesce(stored.depth::text, 'none') || ', the memberships say ' || coalesce(expected.depth::text, 'none') AS detail
        FROM (SELECT member_id, container_id, min(depth) AS depth FROM chains GROUP BY member_id, container_id) AS expected
        FULL JOIN (SELECT member_id, container_id, depth FROM containments WHERE removed_at IS NULL) AS stored USING (member_id, container_id)
        WHERE stored.depth IS DISTINCT FROM expected.depth`,
  },
  {
    level: 'broken',
    rule: 'sales_rollups_follow_from_entries',
    find: (db) => {
      const names = [
        'gross',
        'discount',
        'tax',
        'paid',
        'refunded',
        'disputed',
        'fees',
        'net',
        'purchases',
        'refunds',
        'disputes',
      ]
      const sums = Prisma.raw(names.map((name) => `sum(${name}) AS ${name}`).join(', '))
      const key = Prisma.raw('dimension, grain, bucket, key, currency')
      return db.$queryRaw`
        SELECT concat_ws(' ', dimension, grain, key) AS id, 'the rollup of ' || bucket || ' in ' || currency || ' is not the sum of its entries' AS detail
        FROM (
          SELECT ${key}, true AS expected, ${sums} FROM sales_parts WHERE rolled_up GROUP BY ${key}
          UNION ALL
          SELECT ${key}, false, ${sums} FROM sales_rollups GROUP BY ${key}
        ) AS both_sums
        GROUP BY ${key}
        HAVING ${Prisma.raw(names.map((name) => `sum(CASE WHEN expected THEN ${name} ELSE -${name} END) <> 0`).join(' OR '))}`
    },
  },
  {
    level: 'broken',
    rule: 'checkout_rollups_follow_from_purchases',
    find: (db) => db.$queryRaw`
        WITH parts AS (
          SELECT at, entity_id, product_id, currency, checkouts, paid_checkouts FROM checkout_figures
          UNION ALL
          SELECT at, entity_id, product_id, currency, -checkouts, -paid_checkouts FROM checkout_changes
        )
        SELECT concat_ws(' ', dimension, grain, key) AS id, 'the checkouts of ' || bucket || ' in ' || currency || ' are not those of the purchases' AS detail
        FROM (
          SELECT dimension, grain, bucket, key, currency, sum(checkouts) AS checkouts, sum(paid_checkouts) AS paid_checkouts
          FROM parts CROSS JOIN LATERAL sales_buckets(at, entity_id, product_id, NULL, NULL)
          GROUP BY dimension, grain, bucket, key, currency
          UNION ALL
          SELECT dimension, grain, bucket, key, currency, -checkouts, -paid_checkouts FROM sales_rollups
        ) AS both_sums
        GROUP BY dimension, grain, bucket, key, currency
        HAVING sum(checkouts) <> 0 OR sum(paid_checkouts) <> 0`,
  },
  {
    level: 'broken',
    rule: 'payouts_add_up',
    find: (db) =>
      db.$queryRaw`SELECT payouts.id, 'its balance transactions add up to ' || coalesce(sum(net), 0) || ', not to ' || payouts.amount || ' ' || payouts.currency AS detail
        FROM payouts LEFT JOIN balance_transactions ON payout_id = payouts.id AND source_id IS DISTINCT FROM payouts.id
        WHERE read_at IS NOT NULL GROUP BY payouts.id HAVING coalesce(sum(net), 0) <> payouts.amount`,
  },
  {
    level: 'broken',
    rule: 'constraints_exist',
    find: (db) =>
      db.$queryRaw`SELECT expected AS id, 'the database has no such index or constraint, or it is not valid' AS detail
        FROM unnest(ARRAY['one_open_purchase', 'grants_purchase_id_key', 'grants_reference', 'purchases_refunded_within_paid', 'refund_requests_refund_id_key', 'stripe_events_pkey', 'refunds_pkey', 'outbox_messages_dedupe_key']) AS expected
        WHERE NOT EXISTS (SELECT FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relname = expected AND i.indisvalid AND i.indisunique)
          AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = expected AND c.convalidated)`,
  },
  {
    level: 'late',
    rule: 'balance_transactions_are_recorded',
    find: (db, now) =>
      db.$queryRaw`SELECT purchases.id, 'its sales entries lack the fee of ' || money.id AS detail
        FROM balance_transactions AS money JOIN purchases ON external_transaction_id = payment_intent_id
        WHERE purchase_id IS NULL AND (fee <> 0 OR net <> 0) AND money.created_at < ${minutesAgo(now, 10)} AND purchases.updated_at < ${minutesAgo(now, 10)}`,
  },
  {
    level: 'late',
    rule: 'events_are_applied',
    find: (db, now) =>
      db.$queryRaw`SELECT id, type || ', received ' || received_at AS detail FROM stripe_events
        WHERE applied_at IS NULL AND outcome IN ('received', 'matched') AND received_at < ${minutesAgo(now, 10)}`,
  },
  {
    level: 'late',
    rule: 'refund_requests_are_executed',
    find: (db, now) =>
      db.$queryRaw`SELECT purchase_id AS id, 'requested at ' || created_at AS detail FROM refund_requests
        WHERE responded_at IS NULL AND created_at < ${minutesAgo(now, 10)}`,
  },
  {
    level: 'late',
    rule: 'checkouts_end',
    find: (db, now) =>
      db.$queryRaw`SELECT id, 'its checkout expired at ' || checkout_deadline AS detail FROM purchases
        WHERE status = 'Pending' AND NOT processing AND mismatch IS NULL AND checkout_deadline < ${minutesAgo(now, 10)}`,
  },
  {
    level: 'late',
    rule: 'entity_jobs_end',
    // Failed attempts do not count as progress. Waiting items are excluded, because a cancellation may wait days for delayed payments.
    find: (db, now) =>
      db.$queryRaw`SELECT job.id, job.kind || ' of ' || job.entity_id || ' was requested at ' || job.created_at || ', and none of its items was done for an hour' AS detail
        FROM entity_jobs AS job
        WHERE finished_at IS NULL AND paused_at IS NULL AND created_at < ${minutesAgo(now, 60)}
          AND NOT EXISTS (
            SELECT FROM entity_job_items item WHERE item.job_id = job.id AND outcome NOT IN ('pending', 'waiting') AND updated_at > ${minutesAgo(now, 60)}
          )
          AND (
            planned_at IS NULL OR EXISTS (SELECT FROM entity_job_items item WHERE item.job_id = job.id AND outcome = 'pending')
            OR NOT EXISTS (
              SELECT FROM entity_job_items item JOIN purchases ON purchases.id = item.subject_id
              WHERE item.job_id = job.id AND outcome = 'waiting' AND purchases.status = 'Pending' AND purchases.processing
            )
          )`,
  },
  {
    level: 'late',
    rule: 'webhook_messages_are_dispatched',
    find: (db, now) =>
      db.$queryRaw`SELECT id, type || ', recorded at ' || created_at AS detail FROM outbox_messages
        WHERE dispatched_at IS NULL AND due_at IS NULL AND created_at < ${minutesAgo(now, 10)}`,
  },
  {
    level: 'late',
    rule: 'webhook_messages_are_tried',
    // An endpoint that is merely slow or failing is not reported, because deliveries to it were attempted within the hour.
    find: (db, now) =>
      db.$queryRaw`SELECT endpoint_id AS id, count(*) || ' messages are waiting for their first attempt, and none was made for an hour' AS detail
        FROM deliveries JOIN webhook_endpoints ON webhook_endpoints.id = endpoint_id
        WHERE status = 'pending' AND enabled AND deliveries.created_at < ${minutesAgo(now, 60)} AND NOT EXISTS (
          SELECT FROM delivery_attempts AS attempt WHERE attempt.endpoint_id = webhook_endpoints.id AND attempt.at > ${minutesAgo(now, 60)}
        )
        GROUP BY endpoint_id`,
  },
  {
    level: 'late',
    rule: 'payments_settle',
    // Even Stripe's slowest delayed payment methods succeed or fail within 30 days.
    find: (db, now) =>
      db.$queryRaw`SELECT p.id, 'its checkout expired at ' || p.checkout_deadline || ', and its payment has not settled' AS detail FROM purchases p
        WHERE p.status = 'Pending' AND (p.processing OR p.mismatch IS NOT NULL) AND p.checkout_deadline < ${minutesAgo(now, 30 * 1_440)}
          AND NOT EXISTS (SELECT FROM alerts l WHERE l.purchase_id = p.id AND l.resolved_at IS NULL)`,
  },
]

export async function* checkTables(db: Db, now: Date): AsyncGenerator<{ rule: DoctorRule; findings: Finding[] }> {
  for (const { level, rule, find } of rules) {
    yield { rule, findings: (await find(db, now)).map((row) => ({ level, rule, ...row })) }
  }
}

export const ruleNames = rules.map(({ rule }) => rule)
