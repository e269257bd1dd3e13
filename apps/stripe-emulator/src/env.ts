import { z } from 'zod'

/** Every variable this process reads, with what `--help` says of it. An empty one counts as not set. */
export const Env = z
  .object({
    PORT: z.coerce.number().int().min(0).max(65_535).default(12_111).describe('port to listen on, 0 for a free one'),
    HOST: z.string().default('127.0.0.1').describe('address to listen on; everybody who can reach it can do everything'),
    SECRET_KEY: z
      .string()
      .regex(/^(sk|rk)_test_\w+$/, 'must look like sk_test_…')
      .optional()
      .describe('the only key to let in; without it any sk_test_… is'),
    DATA_FILE: z.string().optional().describe('file that keeps the state over restarts; without it, memory only'),
    WEBHOOK_URL: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
      .optional()
      .describe('where every event is sent'),
    WEBHOOK_SECRET: z
      .string()
      .regex(/^whsec_\w+$/, 'must look like whsec_…')
      .optional()
      .describe('signs what is sent to WEBHOOK_URL'),
    SETTLE_AFTER: z.coerce
      .number()
      .min(0)
      .optional()
      .describe('seconds until a bank debit settles by itself; without it, only by helper or dashboard'),
    REFUND_DELAY: z.coerce.number().min(0).default(1).describe('seconds until the refund of an asynchronous-refund card changes'),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('warn')
      .describe('of the JSON lines on stdout'),
  })
  .refine(({ WEBHOOK_URL, WEBHOOK_SECRET }) => !WEBHOOK_URL === !WEBHOOK_SECRET, {
    path: ['WEBHOOK_SECRET'],
    error: 'WEBHOOK_URL and WEBHOOK_SECRET belong together',
  })

export type Env = z.output<typeof Env>

export const readEnv = (variables: NodeJS.ProcessEnv): { env: Env } | { wrong: string[] } => {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const { data, error } = Env.safeParse(given)
  return data ? { env: data } : { wrong: error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) }
}

export const describeEnv = (): string =>
  Object.entries(Env.shape)
    .map(([name, field]) => `  ${name.padEnd(16)}${field.description}${defaultOf(field)}`)
    .join('\n')

const defaultOf = (field: z.ZodType): string => {
  const { success, data } = field.safeParse(undefined)
  return success && data !== undefined ? ` (default ${data})` : ''
}
