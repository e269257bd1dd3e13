import type { StackDriver } from './driver.ts'
import type { PurchaseScenario } from './scenario.ts'

/** Finds complimentary grants that were confirmed but do not exist, or that were revoked but still give access. */
const findLostGrants = async (
  { query }: Pick<StackDriver, 'query'>,
  scenarios: readonly PurchaseScenario[],
): Promise<string[]> => {
  const rows = await query("SELECT id, revoked_at FROM grants WHERE source = 'complimentary'")
  const revokedAt = new Map(rows.map(({ id, revoked_at }) => [id, revoked_at]))
  const confirmed = scenarios.flatMap(({ complimentary }) => complimentary.grantIds)
  const revoked = scenarios.flatMap(({ complimentary }) => complimentary.revokedIds)
  return [
    ...confirmed.filter((id) => !revokedAt.has(id)).map((id) => `${id} was confirmed but does not exist`),
    ...revoked.filter((id) => revokedAt.get(id) === null).map((id) => `${id} was revoked but still gives access`),
  ]
}

/**
 * Finds cancellations that have not finished, buyers of canceled events who were not refunded, and complimentary grants of canceled events
 * that were not revoked. Cancellations that are waiting for a bank debit to settle are excluded, because some scenarios end before the bank
 * decides.
 */
const findUnfinishedCancellations = async ({ query }: Pick<StackDriver, 'query'>): Promise<string[]> => {
  const unfinished = await query(
    `SELECT id, entity_id FROM entity_jobs WHERE finished_at IS NULL
       AND NOT EXISTS (SELECT FROM entity_job_items AS items WHERE items.job_id = entity_jobs.id AND outcome = 'waiting')`,
  )
  const kept = await query(
    `SELECT purchases.id, purchases.entity_id FROM purchases JOIN entities ON entities.id = purchases.entity_id
     WHERE canceled_at IS NOT NULL AND (purchases.status = 'Completed' OR (purchases.open AND NOT processing))
       AND NOT EXISTS (SELECT FROM alerts WHERE alerts.purchase_id = purchases.id AND kind IN ('refund_failed', 'refund_refused', 'restored'))
       AND NOT EXISTS (SELECT FROM changes WHERE changes.purchase_id = purchases.id AND from_status IN ('Disputed', 'ChargedBack'))`,
  )
  const access = await query(
    `SELECT grants.id FROM grants JOIN entities ON entities.id = grants.entity_id
     JOIN entity_jobs ON entity_jobs.entity_id = entities.id AND kind = 'cancel'
     WHERE source <> 'purchase' AND revoked_at IS NULL AND grants.created_at < canceled_at`,
  )
  return [
    ...unfinished.map(({ id, entity_id }) => `the job ${id} of ${entity_id} has not finished`),
    ...kept.map(({ id, entity_id }) => `${entity_id} is canceled, but ${id} was neither refunded nor closed`),
    ...access.map(({ id }) => `the complimentary grant ${id} of a canceled event is not revoked`),
  ]
}

export const checkAccess = async (driver: StackDriver, scenarios: readonly PurchaseScenario[]): Promise<string[]> => [
  ...(await findLostGrants(driver, scenarios)),
  ...(await findUnfinishedCancellations(driver)),
]
