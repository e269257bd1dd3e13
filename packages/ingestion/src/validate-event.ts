import type Stripe from 'stripe'
import { z } from 'zod'
import { storedParsedEvent } from './event-ledger.ts'
import { parseEvent } from './parse-event.ts'
import type { ParsedEvent } from './parsed-event.ts'

const stripeId = z.string().regex(/^\w{1,255}$/)
/** The fields of every event. The largest `created` is the last second of the year 9999. */
const envelope = z.object({
  id: stripeId,
  created: z.int().min(0).max(253_402_300_799),
  livemode: z.boolean(),
  account: stripeId.optional(),
})
const content = storedParsedEvent.extend({ objectId: stripeId, paymentIntentId: stripeId.nullable() })

/** Postgres stores neither NUL nor half of a surrogate pair; JSON writes both as escapes. */
const isStorable = (parsed: ParsedEvent): boolean => !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(JSON.stringify(parsed))

/** An event lacks fields that all of Stripe's events of its type have, so the event can never be ingested. */
export class UnreadableEventError extends Error {
  override name = 'UnreadableEventError'
  constructor({ id, type }: Stripe.Event, options?: ErrorOptions) {
    // Both values are written as JSON, because they might not be strings in such an event.
    super(`Event ${JSON.stringify(id)} lacks fields that Stripe's events of type ${JSON.stringify(type)} have`, options)
  }
}

/** Parsing does no I/O, so any error means that the event lacks a field. */
const parseOrThrow = (event: Stripe.Event): ParsedEvent | null => {
  try {
    return parseEvent(event)
  } catch (cause) {
    throw new UnreadableEventError(event, { cause })
  }
}

/** Parses an event and checks that it can be stored. Returns null for an event type without a handler. */
export const parseValidEvent = (event: Stripe.Event): ParsedEvent | null => {
  const parsed = parseOrThrow(event)
  if (parsed === null) return null
  const isValid = envelope.safeParse(event).success && content.safeParse(parsed).success && isStorable(parsed)
  if (!isValid) throw new UnreadableEventError(event)
  return parsed
}

/** Whether an event can be ingested; false if ingestion rejects it permanently. */
export const isReadable = (event: Stripe.Event): boolean => {
  try {
    parseValidEvent(event)
    return true
  } catch (error) {
    if (error instanceof UnreadableEventError) return false
    throw error
  }
}
