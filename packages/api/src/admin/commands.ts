import {
  type AlertResolution,
  type ApiKeyDetails,
  createApiKey,
  type Db,
  findRepeatedApiKey,
  isAlertOpen,
  reopenAlerts,
  resolveAlerts,
  revokeApiKey,
} from '@pay-to-view/db'
import { ApiError } from '../errors.ts'
import { createCatalogCommands } from './catalog-commands.ts'
import { createDisputeCommands, type DisputeGateway } from './dispute-commands.ts'
import { createEntityJobCommands, type EntityJobs, startedByReconciler } from './entity-job-commands.ts'
import { createGrantCommands } from './grant-commands.ts'
import { requireFuture } from './require-future.ts'
import { createWebhookCommands, type WebhookSettings } from './webhook-commands.ts'

export type OperatorCommands = ReturnType<typeof createOperatorCommands>

/** The operator's changes to the catalog, to grants, alerts, API keys and webhook endpoints. The commands throw `ApiError`s. */
export const createOperatorCommands = (
  db: Db,
  {
    webhooks = null,
    jobs = startedByReconciler,
    stripe = null,
  }: { webhooks?: WebhookSettings | null; jobs?: EntityJobs; stripe?: DisputeGateway | null } = {},
) => ({
  ...createCatalogCommands(db, jobs),
  ...createEntityJobCommands(db, jobs),
  ...createDisputeCommands(db, stripe),
  ...createGrantCommands(db),
  ...createWebhookCommands(db, webhooks),

  /** Resolving a resolved alert has no effect: it keeps its first resolution. */
  resolveAlert: async (id: bigint, resolution: AlertResolution): Promise<void> => {
    const { resolved, openDisputes } = await resolveAlerts(db, [id], resolution)
    if (openDisputes.length > 0) throw new ApiError('dispute_open', { field: 'id' })
    if (resolved > 0) return
    const isOpen = await isAlertOpen(db, id)
    if (isOpen === null) throw new ApiError('alert_not_found', { field: 'id' })
    // The dispute has been reopened in the meantime.
    if (isOpen) throw new ApiError('dispute_open', { field: 'id' })
  },

  /** Resolves all of the alerts, or none if one belongs to an open dispute and the confirmation is missing. */
  resolveAlerts: async (ids: readonly bigint[], resolution: AlertResolution): Promise<number> => {
    const { resolved, openDisputes } = await resolveAlerts(db, ids, resolution)
    const fields = openDisputes.map((id) => ({ field: 'ids', message: `Alert ${id} is about a dispute that is still open` }))
    if (fields.length > 0) throw new ApiError('dispute_open', { fields })
    return resolved
  },

  /** The secret is null for a repeated request with the same idempotency key. */
  createApiKey: async (...[key]: Tail<typeof createApiKey>): Promise<{ apiKey: ApiKeyDetails; secret: string | null }> => {
    const repetition = await findRepeatedApiKey(db, key)
    if (!repetition) requireFuture(key.expiresAt)
    const result = repetition ?? (await createApiKey(db, key))
    if ('conflict' in result) throw new ApiError('idempotency_conflict', { field: 'idempotencyKey' })
    return result
  },

  revokeApiKey: async (...[id, by]: Tail<typeof revokeApiKey>): Promise<void> => {
    if (!(await revokeApiKey(db, id, by))) throw new ApiError('api_key_not_found', { field: 'id' })
  },

  reopenAlerts: (...args: Tail<typeof reopenAlerts>) => reopenAlerts(db, ...args),
})

/** A function's parameters, except the first (the database). */
type Tail<F> = F extends (first: Db, ...rest: infer Rest) => unknown ? Rest : never
