import { z } from 'zod'
import type { DataFolder } from './data-folder.ts'
import { readIfExists } from './files.ts'
import { runningPid } from './run-file.ts'
import type { StackAddresses } from './stack.ts'

const Addresses = z.object({
  api: z.string(),
  worker: z.string(),
  web: z.string().nullable(),
  issuer: z.string(),
  temporalAddress: z.string(),
  temporalNamespace: z.string(),
  temporalUi: z.string().nullable(),
  stripeApi: z.string(),
  mail: z.string().nullable(),
  databaseUrl: z.string(),
  webhookSecret: z.string(),
}) satisfies z.ZodType<StackAddresses>

/** Returns the addresses of the stack that is currently ready, if any. Ignores a file that a killed stack left behind. */
export const readRunningStack = (dataFolder: DataFolder): StackAddresses | undefined => {
  const text = readIfExists(dataFolder.stackFile)
  return text !== undefined && runningPid(dataFolder) !== undefined ? Addresses.parse(JSON.parse(text)) : undefined
}
