import { z } from 'zod/mini'

const cause = z.object({
  kind: z.string(),
  by: z.optional(z.string()),
  reason: z.optional(z.nullable(z.string())),
  eventIds: z.optional(z.array(z.string())),
  payment: z.optional(z.string()),
  from: z.optional(z.string()),
})

/** Why a purchase changed, in words. */
export const causeOf = (told: unknown): string => {
  const read = cause.safeParse(told)
  if (!read.success) return JSON.stringify(told)
  const { kind, by, reason, eventIds, payment, from } = read.data
  const because = reason ? `: ${reason}` : ''
  const words: Record<string, string> = {
    event: `Stripe said so (${eventIds?.join(', ')})`,
    admin: `Refunded by ${by}${because}`,
    accepted: `Accepted by ${by}${because}`,
    viewer: 'The viewer began anew',
    deadline: 'Its time was over, and Stripe was asked',
    duplicate: `A second payment was given back (${payment})`,
    canceled: 'The workflow was canceled',
    inherited: `Took over the access of ${from}`,
    reconcile: 'The reconciler noticed it',
    forgotten: `The user was forgotten (${by})`,
  }
  return words[kind] ?? kind
}
