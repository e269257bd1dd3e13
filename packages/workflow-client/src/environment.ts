import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { TemporalOptions } from './connection.ts'
import { defaultTaskQueue } from './messages.ts'

const pem = z.string().transform((file, context) => {
  try {
    const text = readFileSync(file, 'utf8')
    if (text.includes('-----BEGIN ')) return Buffer.from(text)
  } catch {
    // An unreadable file gets the same error message as a file that is not PEM.
  }
  context.addIssue('Expected the path of a readable PEM file')
  return z.NEVER
})

/** Variables that connect a process to Temporal: without authentication, with an API key (Temporal Cloud), or with mutual TLS. */
export const temporalEnvironment = {
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i, 'Expected host:port, such as 127.0.0.1:7233')
    .default('127.0.0.1:7233')
    .describe('host:port of the Temporal frontend'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('Temporal namespace'),
  TEMPORAL_API_KEY: z.string().optional().describe('Temporal Cloud API key'),
  TEMPORAL_TLS: z.stringbool('Expected true or false').default(false).describe('Connect to Temporal with TLS'),
  TEMPORAL_TLS_CERT: pem.optional().describe('Client certificate file (PEM), for mutual TLS'),
  TEMPORAL_TLS_KEY: pem.optional().describe('Private key file of the client certificate (PEM)'),
  TEMPORAL_TLS_CA: pem.optional().describe("CA certificate file (PEM), if the server's CA is not in the system's trust store"),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional().describe("Name in the server's certificate, if it differs from the address"),
  TASK_QUEUE: z.string().default(defaultTaskQueue).describe('Task queue of the workflows'),
}

const environment = z.object(temporalEnvironment)
type TemporalEnvironment = z.infer<typeof environment>

/** A check for `refine`: a client certificate and its key must be set together. */
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
