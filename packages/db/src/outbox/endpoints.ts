import { createHash } from 'node:crypto'
import { typeid } from 'typeid-js'
import { recordAudit } from '../audit.ts'
import type { Db } from '../client.ts'
import type { Prisma, WebhookEndpoint } from '../generated/client.ts'
import { resolveEndpointAlerts } from './disable-endpoint.ts'
import { wakeEndpoint } from './record-messages.ts'
import { type IdempotentRequest, isKnownRequest, newEndpoint, runOnce } from './requests.ts'

type Tx = Prisma.TransactionClient

/** An endpoint as operators see it, without its secret. */
export type WebhookEndpointDetails = Pick<WebhookEndpoint, keyof typeof endpointColumns>

export const endpointColumns = {
  ...{ id: true, url: true, events: true, description: true, enabled: true, disabledReason: true },
  ...{ maxPerSecond: true, maxConcurrent: true, failingSince: true, createdAt: true },
} satisfies Prisma.WebhookEndpointSelect

export interface NewWebhookEndpoint {
  url: string
  events: string[]
  description: string
  maxPerSecond: number | null
  maxConcurrent: number | null
  /** The encrypted secret. */
  secret: string
  createdBy: string
  idempotencyKey: string | null
}

export type CreateEndpointResult =
  | { endpoint: WebhookEndpointDetails; isNew: boolean }
  /** The idempotency key was used for another endpoint. */
  | { conflict: true }

/** Returns the fields for the audit log. They contain no secrets, because URLs with passwords are rejected. */
const auditRecord = ({ url, events, description, enabled, maxPerSecond, maxConcurrent }: WebhookEndpointDetails) => ({
  ...{ url, events, description, enabled, maxPerSecond, maxConcurrent },
})

type EndpointSettings = Omit<NewWebhookEndpoint, 'secret' | 'createdBy' | 'idempotencyKey'>

/** Returns a hash of a request that creates an endpoint. Only a hash is stored, because the description may name a user. */
const hashSettings = ({ url, events, description, maxPerSecond, maxConcurrent }: EndpointSettings): string =>
  createHash('sha256')
    .update(JSON.stringify([url, events, description, maxPerSecond, maxConcurrent]))
    .digest('hex')

/** Whether the caller has already created an endpoint with the same idempotency key. */
export const isKnownEndpointRequest = (
  db: Db,
  { createdBy, idempotencyKey }: Pick<NewWebhookEndpoint, 'createdBy' | 'idempotencyKey'>,
): Promise<boolean> => isKnownRequest(db, newEndpoint, idempotencyKey === null ? null : { by: createdBy, idempotencyKey })

/**
 * Creates an endpoint. A repeated request creates nothing: it returns the endpoint as it is now, or as it was created if it has been deleted
 * since.
 */
export const createWebhookEndpoint = (
  db: Db,
  { secret, createdBy, idempotencyKey, ...settings }: NewWebhookEndpoint,
): Promise<CreateEndpointResult> =>
  db.$transaction(async (tx) => {
    const request = `create ${hashSettings(settings)}`
    const repeated = idempotencyKey === null ? null : { by: createdBy, idempotencyKey }
    const outcome = await runOnce(tx, newEndpoint, { request, repeated }, async (createdAt) => {
      const id = typeid('whe').toString()
      const data = { id, ...settings, secret, createdBy, createdAt }
      const after = auditRecord(await tx.webhookEndpoint.create({ data, select: endpointColumns }))
      await recordAudit(tx, { actor: createdBy, action: 'webhook_endpoint.created', subjectId: id, before: null, after })
      return id
    })
    if ('conflict' in outcome) return outcome
    const { result: id, createdAt, isNew } = outcome
    const asCreated = { id, ...settings, enabled: true, disabledReason: null, failingSince: null, createdAt }
    return { endpoint: (await findWebhookEndpoint(tx, id)) ?? asCreated, isNew }
  })

export const findWebhookEndpoint = (db: Db | Tx, id: string): Promise<WebhookEndpointDetails | null> =>
  db.webhookEndpoint.findUnique({ where: { id }, select: endpointColumns })

/** Returns at most `limit` endpoints, newest first. `before` is the last id of the previous page. */
export const listWebhookEndpoints = (db: Db, before: string | null, limit: number): Promise<WebhookEndpointDetails[]> =>
  db.webhookEndpoint.findMany({
    where: { kind: 'webhook', ...(before !== null && { id: { lt: before } }) },
    orderBy: { id: 'desc' },
    take: limit,
    select: endpointColumns,
  })

export type WebhookEndpointChanges = Partial<
  Pick<WebhookEndpointDetails, 'url' | 'events' | 'description' | 'enabled' | 'maxPerSecond' | 'maxConcurrent'>
>

/** Locks and reads an endpoint's row, so the audit log records the correct previous values. */
const lockEndpoint = async (tx: Tx, id: string): Promise<WebhookEndpointDetails | null> => {
  await tx.$queryRaw`SELECT id FROM webhook_endpoints WHERE id = ${id} FOR UPDATE`
  return findWebhookEndpoint(tx, id)
}

/** Makes an endpoint's failing deliveries due immediately, so the endpoint receives them when it is enabled again. */
const resume = async (tx: Tx, endpointId: string, by: string): Promise<void> => {
  await tx.delivery.updateMany({ where: { endpointId, status: 'failing' }, data: { status: 'pending', nextAttemptAt: null } })
  await resolveEndpointAlerts(tx, endpointId, by)
  await wakeEndpoint(tx, endpointId)
}

/** Changes an endpoint. Returns null if the endpoint does not exist. */
export const updateWebhookEndpoint = (
  db: Db,
  id: string,
  changes: WebhookEndpointChanges,
  by: string,
): Promise<WebhookEndpointDetails | null> =>
  db.$transaction(async (tx) => {
    const before = await lockEndpoint(tx, id)
    if (!before) return null
    const isEnabledAgain = changes.enabled === true && !before.enabled
    const endpoint = await tx.webhookEndpoint.update({
      where: { id },
      data: {
        ...changes,
        ...(changes.enabled !== undefined && changes.enabled !== before.enabled && { disabledReason: null, failingSince: null }),
        updatedAt: new Date(),
      },
      select: endpointColumns,
    })
    if (isEnabledAgain) await resume(tx, id, by)
    const [old, after] = [auditRecord(before), auditRecord(endpoint)]
    if (JSON.stringify(old) !== JSON.stringify(after))
      await recordAudit(tx, { actor: by, action: 'webhook_endpoint.updated', subjectId: id, before: old, after })
    return endpoint
  })

/** Deletes an endpoint and its deliveries. Returns false if the endpoint does not exist. */
export const deleteWebhookEndpoint = (db: Db, id: string, by: string): Promise<boolean> =>
  db.$transaction(async (tx) => {
    const endpoint = await lockEndpoint(tx, id)
    if (!endpoint) return false
    await tx.webhookEndpoint.delete({ where: { id } })
    await resolveEndpointAlerts(tx, id, by)
    const before = auditRecord(endpoint)
    await recordAudit(tx, { actor: by, action: 'webhook_endpoint.deleted', subjectId: id, before, after: null })
    return true
  })

export interface SecretRotation {
  /** The encrypted new secret. */
  secret: string
  /** Until this time, messages are signed with both the old and the new secret. */
  previousUntil: Date
  by: string
}

/** Replaces an endpoint's secret. A repeated request changes nothing. Returns null if the endpoint does not exist. */
export const rotateWebhookSecret = async (
  db: Db,
  id: string,
  { secret, previousUntil, by }: SecretRotation,
  repeated: IdempotentRequest = null,
): Promise<'rotated' | 'repeated' | { conflict: true } | null> => {
  const outcome = await db.$transaction((tx) =>
    runOnce(tx, id, { request: 'rotate', repeated }, async () => {
      if (!(await lockEndpoint(tx, id))) return null
      const { secret: previousSecret } = await tx.webhookEndpoint.findUniqueOrThrow({ where: { id }, select: { secret: true } })
      await tx.webhookEndpoint.update({
        where: { id },
        data: { secret, previousSecret, previousSecretUntil: previousUntil, updatedAt: new Date() },
      })
      const after = { previousSecretUntil: previousUntil.toISOString() }
      await recordAudit(tx, { actor: by, action: 'webhook_endpoint.secret_rotated', subjectId: id, before: null, after })
      return after.previousSecretUntil
    }),
  )
  if ('conflict' in outcome) return outcome
  if (outcome.result === null) return null
  return outcome.isNew ? 'rotated' : 'repeated'
}

/** Returns the encrypted secrets of all endpoints, to check that a process can decrypt them. */
export const encryptedWebhookSecrets = async (db: Db): Promise<{ id: string; secret: string; previousSecret: string | null }[]> =>
  db.webhookEndpoint.findMany({ where: { kind: 'webhook' }, select: { id: true, secret: true, previousSecret: true } })

/** Stores an endpoint's secrets encrypted with a different key, unless the secrets were rotated in the meantime. */
export const replaceEncryptedSecrets = async (
  db: Db,
  { id, secret }: { id: string; secret: string },
  next: { secret: string; previousSecret: string | null },
): Promise<boolean> => (await db.webhookEndpoint.updateMany({ where: { id, secret }, data: next })).count > 0
