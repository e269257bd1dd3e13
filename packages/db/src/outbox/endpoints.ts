import { typeid } from 'typeid-js'
import { recordAudit } from '../audit.ts'
import type { Db } from '../client.ts'
import { Prisma, type WebhookEndpoint } from '../generated/client.ts'
import { resolveEndpointAlerts } from './disable-endpoint.ts'
import { wakeEndpoint } from './record-messages.ts'

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

const findRepetition = async (db: Db, input: NewWebhookEndpoint): Promise<CreateEndpointResult | null> => {
  const { idempotencyKey, createdBy } = input
  if (idempotencyKey === null) return null
  const endpoint = await db.webhookEndpoint.findUnique({
    where: { createdBy_idempotencyKey: { createdBy, idempotencyKey } },
    select: endpointColumns,
  })
  if (!endpoint) return null
  const settingsOf = ({ url, events, description, maxPerSecond, maxConcurrent }: NewWebhookEndpoint | WebhookEndpointDetails) =>
    JSON.stringify([url, events, description, maxPerSecond, maxConcurrent])
  return settingsOf(endpoint) === settingsOf(input) ? { endpoint, isNew: false } : { conflict: true }
}

export const createWebhookEndpoint = async (db: Db, input: NewWebhookEndpoint): Promise<CreateEndpointResult> => {
  const repetition = await findRepetition(db, input)
  if (repetition) return repetition
  try {
    return await db.$transaction(async (tx) => {
      const id = typeid('whe').toString()
      const endpoint = await tx.webhookEndpoint.create({ data: { id, ...input }, select: endpointColumns })
      const after = auditRecord(endpoint)
      await recordAudit(tx, { actor: input.createdBy, action: 'webhook_endpoint.created', subjectId: id, before: null, after })
      return { endpoint, isNew: true }
    })
  } catch (error) {
    const isUsed = error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'
    const concurrent = isUsed ? await findRepetition(db, input) : null
    if (concurrent) return concurrent
    throw error
  }
}

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

/**
 * Replaces an endpoint's secret. Until the given time, messages are signed with both the old and the new secret. A repeated request with
 * the same key changes nothing. Returns null if the endpoint does not exist.
 */
export const rotateWebhookSecret = (
  db: Db,
  id: string,
  {
    secret,
    previousUntil,
    by,
    idempotencyKey,
  }: { secret: string; previousUntil: Date; by: string; idempotencyKey: string | null },
): Promise<'rotated' | 'repeated' | null> =>
  db.$transaction(async (tx) => {
    if (!(await lockEndpoint(tx, id))) return null
    const row = await tx.webhookEndpoint.findUniqueOrThrow({ where: { id }, select: { secret: true, rotationKey: true } })
    if (idempotencyKey !== null && row.rotationKey === idempotencyKey) return 'repeated'
    await tx.webhookEndpoint.update({
      where: { id },
      data: {
        ...{ secret, previousSecret: row.secret, previousSecretUntil: previousUntil },
        ...{ rotationKey: idempotencyKey, updatedAt: new Date() },
      },
    })
    const after = { previousSecretUntil: previousUntil.toISOString() }
    await recordAudit(tx, { actor: by, action: 'webhook_endpoint.secret_rotated', subjectId: id, before: null, after })
    return 'rotated'
  })

/** Returns the encrypted secrets of all endpoints, to check that a process can decrypt them. */
export const encryptedWebhookSecrets = async (db: Db): Promise<{ id: string; secret: string; previousSecret: string | null }[]> =>
  db.webhookEndpoint.findMany({ where: { kind: 'webhook' }, select: { id: true, secret: true, previousSecret: true } })

/** Stores an endpoint's secrets encrypted with a different key, unless the secrets were rotated in the meantime. */
export const replaceEncryptedSecrets = async (
  db: Db,
  { id, secret }: { id: string; secret: string },
  next: { secret: string; previousSecret: string | null },
): Promise<boolean> => (await db.webhookEndpoint.updateMany({ where: { id, secret }, data: next })).count > 0
