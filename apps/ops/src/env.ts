import { databaseEnvironment } from '@pay-to-view/db/environment'
import { describeInvalidVariables, setVariables } from '@pay-to-view/environment'
import { stripeEnvironment } from '@pay-to-view/stripe/environment'
import { certificateHasKey, certificateWithoutKey, temporalEnvironment } from '@pay-to-view/workflow-client/environment'
import { z } from 'zod'

/** What each command reads from the environment. */
export const environments = {
  database: z.object(databaseEnvironment),
  stripe: z.object(stripeEnvironment),
  databaseAndStripe: z.object({ ...databaseEnvironment, ...stripeEnvironment }),
  all: z
    .object({ ...databaseEnvironment, ...stripeEnvironment, ...temporalEnvironment })
    .refine(certificateHasKey, certificateWithoutKey),
}

/** A variable that is missing or wrong: the command does not start. */
export class BadEnvironment extends Error {
  override name = 'BadEnvironment'
}

export const readEnvironment = <T extends z.ZodObject>(schema: T): z.output<T> => {
  const variables = setVariables(process.env)
  const parsed = schema.safeParse(variables)
  if (parsed.success) return parsed.data
  const lines = [
    ...describeInvalidVariables(schema, variables, parsed.error),
    'Beside a running npm start it is found by itself.',
  ]
  throw new BadEnvironment(lines.join('\n'))
}

const units = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Postgres counts time from 4713 BC; nothing here is older than this. */
const longest = 3_650 * units.d

/** `90m`, `24h`, `30d` in seconds. */
export const duration = z
  .string()
  .regex(/^\d+[smhd]$/, 'Expected a number with s, m, h or d, such as 24h')
  .transform((text) => {
    const unit = z.enum(['s', 'm', 'h', 'd']).parse(text.at(-1))
    return Number(text.slice(0, -1)) * units[unit]
  })
  .refine((seconds) => seconds <= longest, 'Expected at most 3650d')
