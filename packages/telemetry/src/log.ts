import { inspect } from 'node:util'
import { type DestinationStream, type LevelWithSilent, type Logger, pino, stdSerializers } from 'pino'
import { currentCorrelationIds } from './correlation-ids.ts'

export type Log = Logger

/** Stripe's client secrets, webhook secrets and keys; JWTs; passwords in URLs. */
const secret =
  /(?<=_secret_)\w+|\bwhsec_\w+|\b[prs]k_(?:test|live)_\w+|\beyJ[\w-]+\.[\w-]+\.[\w-]+|(?<=:\/\/[^\s:/@]+:)[^\s@]+(?=@)/g

const maskSecrets = (text: string): string => text.replace(secret, '[secret]')

const isError = (thrown: unknown): thrown is Error =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string'

/** Masks secrets: Stripe's and Postgres's errors quote keys and connection strings. Temporal's core reports errors as plain strings. */
const serializeError = (error: unknown) => {
  if (!isError(error)) return { message: maskSecrets(typeof error === 'string' ? error : inspect(error)) }
  const { type, message, stack = '' } = stdSerializers.err(error)
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { type, message: maskSecrets(message), stack: maskSecrets(stack), ...code }
}

const flushIntervalMs = 50

/** Buffers lines and writes them asynchronously, so that no request waits for a write. The rest is flushed when the process exits. */
const bufferedOutput = (): DestinationStream => {
  const output = pino.destination({ sync: false, minLength: 8_192 })
  setInterval(() => output.flush(), flushIntervalMs).unref()
  return output
}

/** A JSON log whose lines carry the current correlation ids. */
export const createLog = (level: LevelWithSilent, service: string, destination?: DestinationStream): Log =>
  pino(
    {
      level,
      base: { service },
      redact: ['req.headers.authorization', 'req.headers.cookie', 'clientSecret', '*.clientSecret'],
      serializers: { err: serializeError },
      mixin: () => ({ ...currentCorrelationIds() }),
    },
    destination ?? bufferedOutput(),
  )
