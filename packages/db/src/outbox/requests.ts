import type { Prisma } from '../generated/client.ts'

/** The caller and the idempotency key of a request about an endpoint; null if the request has no key. */
export type IdempotentRequest = { by: string; idempotencyKey: string } | null

/**
 * Runs a request about an endpoint once per caller and idempotency key. A repeated request gets the result of the first request, or
 * `conflict` if the key was used for a different request. The lock on the endpoint makes a concurrent repetition wait. A null result is not
 * stored.
 */
export const runOnce = async (
  tx: Prisma.TransactionClient,
  endpointId: string,
  { request, repeated }: { request: string; repeated: IdempotentRequest },
  run: () => Promise<string | null>,
): Promise<string | null | { conflict: true }> => {
  if (repeated === null) return run()
  const { by: requestedBy, idempotencyKey } = repeated
  await tx.$queryRaw`SELECT id FROM webhook_endpoints WHERE id = ${endpointId} FOR NO KEY UPDATE`
  const key = { endpointId, requestedBy, idempotencyKey }
  const known = await tx.webhookRequest.findUnique({ where: { endpointId_requestedBy_idempotencyKey: key } })
  if (known) return known.request === request ? known.result : { conflict: true }
  const result = await run()
  if (result !== null) await tx.webhookRequest.create({ data: { ...key, request, result } })
  return result
}
