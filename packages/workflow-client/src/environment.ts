import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { TemporalOptions } from './connection.ts'
import { defaultTaskQueue } from './messages.ts'

const pem = z.string().transform((file, context) => {
  try {
    const text = readFileSync(file, 'utf8')
    if (text.includes('-----BEGIN ')) return Buffer.from(text)
  } catch {
    // Said below: a path that cannot be read and a file that is no PEM are mended in the same place.
  }
  context.addIssue('Expected the path of a PEM file that this process can read')
  return z.NEVER
})

/** How every process reaches Temporal: a server of one's own, Temporal Cloud by API key, or mutual TLS. */
export const temporalEnvironment = {
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i, 'Expected host:port, such as 127.0.0.1:7233')
    .default('127.0.0.1:7233')
    .describe('host:port of Temporal'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('Namespace at Temporal'),
  TEMPORAL_API_KEY: z.string().optional().describe('API key of Temporal Cloud'),
  TEMPORAL_TLS: z.stringbool().default(false).describe('Whether Temporal is reached by TLS'),
  TEMPORAL_TLS_CERT: pem.optional().describe("File of the client's certificate (PEM), for mutual TLS"),
  TEMPORAL_TLS_KEY: pem.optional().describe("File of the certificate's private key (PEM)"),
  TEMPORAL_TLS_CA: pem.optional().describe("File of the authority that signed the server's certificate (PEM)"),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional().describe("Name in the server's certificate, where it is not the address"),
  TASK_QUEUE: z.string().default(defaultTaskQueue).describe("Task queue of the purchases' workflows"),
}

const whole = z.object(temporalEnvironment)
type TemporalEnvironment = z.infer<typeof whole>

/** For `refine`: a certificate proves nothing without its key. */
export const certificateHasKey = (env: Pick<TemporalEnvironment, 'TEMPORAL_TLS_CERT' | 'TEMPORAL_TLS_KEY'>): boolean =>
  (env.TEMPORAL_TLS_CERT === undefined) === (env.TEMPORAL_TLS_KEY === undefined)

export const certificateWithoutKey = {
  path: ['TEMPORAL_TLS_KEY'],
  message: 'Expected both TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY, or neither',
}

export const temporalOptions = (env: TemporalEnvironment): TemporalOptions => ({
  address: env.TEMPORAL_ADDRESS,
  namespace: env.TEMPORAL_NAMESPACE,
  apiKey: env.TEMPORAL_API_KEY,
  tls: env.TEMPORAL_TLS,
  clientCertificate:
    env.TEMPORAL_TLS_CERT && env.TEMPORAL_TLS_KEY ? { crt: env.TEMPORAL_TLS_CERT, key: env.TEMPORAL_TLS_KEY } : undefined,
  certificateAuthority: env.TEMPORAL_TLS_CA,
  serverName: env.TEMPORAL_TLS_SERVER_NAME,
})
