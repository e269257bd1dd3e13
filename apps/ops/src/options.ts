import { stripeEventRetentionSeconds } from '@pay-to-view/ingestion'
import { InvalidArgumentError } from 'commander'
import { z } from 'zod'

/** An argument parser for commander that validates with a schema. */
export const parseWith =
  <T>(schema: z.ZodType<T>) =>
  (text: string): T => {
    const parsed = schema.safeParse(text)
    if (parsed.success) return parsed.data
    throw new InvalidArgumentError(parsed.error.issues.map((issue) => issue.message).join('. '))
  }

const secondsPerUnit = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Ten years. The limit keeps times within the range of Postgres timestamps, which starts at 4713 BC. */
const maxDurationSeconds = 3_650 * secondsPerUnit.d

/** Converts a duration such as `90m`, `24h` or `30d` to seconds. */
export const duration = z
  .string()
  .regex(/^\d+[smhd]$/, 'Expected a number with s, m, h or d, such as 24h')
  .transform((text) => {
    const unit = z.enum(['s', 'm', 'h', 'd']).parse(text.at(-1))
    return Number(text.slice(0, -1)) * secondsPerUnit[unit]
  })
  .refine((seconds) => seconds <= maxDurationSeconds, 'Expected at most 3650d')

/** A duration no longer than Stripe's event retention. */
export const eventRetention = duration.refine(
  (seconds) => seconds <= stripeEventRetentionSeconds,
  'Expected at most 30d, because Stripe keeps events for 30 days',
)

export const serverUrl = z
  .url({ protocol: /^https?$/, abort: true, error: 'Expected the URL of the API server, such as https://api.example.com' })
  .refine((text) => new URL(text).pathname === '/', 'Expected a URL without a path')
