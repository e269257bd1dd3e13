import type { PayToViewClient } from '@pay-to-view/client'
import { rentalHours } from './access-catalog.ts'
import type { StackDriver } from './driver.ts'

/** Steps of a scenario that change access without a payment. */
export type AccessStep =
  /** Plays the entity on several devices at the same time. If the purchase is a rental, this starts the rental period. */
  | { action: 'play' }
  /** An admin sends the same request for complimentary access twice. */
  | { action: 'giveAccess' }
  | { action: 'revokeAccess' }
  | { action: 'cancelEvent' }

interface Target {
  driver: StackDriver
  user: string
  entityId: string
}

const devices = 3

/** Returns a violation if playback started the rental period twice or not at all, or if the rental period is too short. */
export const play = async ({ driver, entityId }: Target, client: PayToViewClient): Promise<string | null> => {
  const token = () => driver.retryWhileUnavailable(() => client.access.playbackToken.mutate({ entityId }))
  const started = await Promise.allSettled(Array.from({ length: devices }, token))
  if (started.every(({ status }) => status === 'rejected')) return null
  const check = () => driver.retryWhileUnavailable(() => client.access.check.query({ entityId }))
  const before = await check()
  await token().catch(() => null)
  const after = await check()
  // Between the two checks, a refund may have been applied, or another grant may now provide the access.
  if (!before.hasAccess || !after.hasAccess || before.purchaseId !== after.purchaseId || !after.rental) return null
  const { startedAt } = after.rental
  if (startedAt === null) return `the rental ${after.purchaseId} was played but has not started`
  if (before.rental?.startedAt !== startedAt) return `the rental ${after.purchaseId} has started twice`
  const watchedHours = (Date.parse(after.expiresAt ?? '') - Date.parse(startedAt)) / 3_600_000
  return watchedHours < rentalHours ? `the rental ${after.purchaseId} can be watched for only ${watchedHours} h` : null
}

/** One user's complimentary grants that the API has confirmed. */
export class ComplimentaryAccess {
  readonly grantIds: string[] = []
  readonly revokedIds: string[] = []

  /** Returns a violation if one request created two grants. */
  async give({ driver, user, entityId }: Target): Promise<string | null> {
    const { admin } = await driver.clientFor('root', { admin: true })
    const request = {
      ...{ userId: user, entityId, reason: 'chaos', idempotencyKey: `${user}-${this.grantIds.length}` },
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    }
    const send = () => driver.retryWhileUnavailable(() => admin.grants.create.mutate(request))
    const [first, second] = await Promise.all([send(), send()])
    this.grantIds.push(first.grantId)
    return first.grantId === second.grantId ? null : `one request created two grants: ${first.grantId} and ${second.grantId}`
  }

  async revoke({ driver }: Pick<Target, 'driver'>): Promise<void> {
    const grantId = this.grantIds.at(-1)
    if (grantId === undefined) return
    const { admin } = await driver.clientFor('root', { admin: true })
    await driver.retryWhileUnavailable(() => admin.grants.revoke.mutate({ grantId, reason: 'chaos' }))
    this.revokedIds.push(grantId)
  }
}

export const cancelEvent = async ({ driver, entityId }: Pick<Target, 'driver' | 'entityId'>): Promise<void> => {
  const { admin } = await driver.clientFor('root', { admin: true })
  await driver.retryWhileUnavailable(() => admin.entities.cancel.mutate({ id: entityId, reason: 'chaos' }))
}
