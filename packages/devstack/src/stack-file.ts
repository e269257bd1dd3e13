import { z } from 'zod'
import { readIfExists } from './files.ts'
import type { Home } from './home.ts'
import { runningPid } from './run-file.ts'
import type { Addresses } from './stack.ts'

const Ready = z.object({
  api: z.string(),
  worker: z.string(),
  web: z.string().nullable(),
  issuer: z.string(),
  temporalAddress: z.string(),
  temporalNamespace: z.string(),
  temporalUi: z.string().nullable(),
  stripeApi: z.string(),
  databaseUrl: z.string(),
  webhookSecret: z.string(),
}) satisfies z.ZodType<Addresses>

/** The stack that is ready now. A file that a killed stack has left does not count. */
export const readyStack = (home: Home): Addresses | undefined => {
  const text = readIfExists(home.stackFile)
  return text !== undefined && runningPid(home) !== undefined ? Ready.parse(JSON.parse(text)) : undefined
}
