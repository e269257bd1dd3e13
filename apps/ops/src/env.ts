import { databaseEnvironment } from '@pay-to-view/db/environment'
import { InvalidEnvironmentError, parseEnvironment } from '@pay-to-view/environment'
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

/** Reads the environment of a command. Throws InvalidEnvironmentError. */
export const readEnvironment = <T extends z.ZodObject>(schema: T): z.output<T> => {
  try {
    return parseEnvironment(schema, process.env)
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error
    throw new InvalidEnvironmentError(`${error.message}\nWhile npm start is running, npm run sets these variables itself.`)
  }
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
