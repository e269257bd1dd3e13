import type { Prisma } from '../generated/client.ts'

type Tx = Prisma.TransactionClient

/** The caller and the idempotency key of a request; null if the request has no key. */
export type IdempotentRequest = { by: string; idempotencyKey: string } | null

/** Replaces the endpoint's id in requests that create an endpoint. */
export const newEndpoint = 'new'

/** `isNew` is false for a repeated request, which gets the result of the first request. `createdAt` is the time of the first request. */
interface RequestOutcome<Result> {
  result: Result
  createdAt: Date
  isNew: boolean
}

/** Returns the key of the request in the database. */
const keyOf = (endpointId: string, { by, idempotencyKey }: NonNullable<IdempotentRequest>) => ({
  endpointId_requestedBy_idempotencyKey: { endpointId, requestedBy: by, idempotencyKey },
})

/** Whether the caller has already made a request about the endpoint with the same idempotency key. */
export const isKnownRequest = async (
  db: Pick<Tx, 'webhookRequest'>,
  endpointId: string,
  repeated: IdempotentRequest,
): Promise<boolean> => repeated !== null && (await db.webhookRequest.findUnique({ where: keyOf(endpointId, repeated) })) !== null

/**
 * Runs a request about an endpoint once per caller and idempotency key. A repeated request gets the result of the first request, or
 * `conflict` if the key was used for a different request. The lock makes a concurrent repetition wait. A null result is not stored.
 */
export const runOnce = async <Result extends string | null>(
  tx: Tx,
  endpointId: string,
  { request, repeated }: { request: string; repeated: IdempotentRequest },
  run: (createdAt: Date) => Promise<Result>,
): Promise<RequestOutcome<Result | string> | { conflict: true }> => {
  const createdAt = new Date()
  if (repeated === null) return { result: await run(createdAt), createdAt, isNew: true }
  const where = keyOf(endpointId, repeated)
  const key = where.endpointId_requestedBy_idempotencyKey
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended(${`webhook-request:${JSON.stringify(Object.values(key))}`}, 0))`
  const known = await tx.webhookRequest.findUnique({ where })
  if (known) {
    if (known.request !== request) return { conflict: true }
    return { result: known.result, createdAt: known.createdAt, isNew: false }
  }
  const result = await run(createdAt)
  if (result !== null) await tx.webhookRequest.create({ data: { ...key, request, result, createdAt } })
  return { result, createdAt, isNew: true }
}
