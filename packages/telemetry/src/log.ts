import { inspect } from 'node:util'
import { type DestinationStream, type LevelWithSilent, type Logger, pino, stdSerializers } from 'pino'
import { currentCorrelationIds } from './correlation-ids.ts'
import { createSecretMask } from './mask-secrets.ts'

export type Log = Logger

const isError = (thrown: unknown): thrown is Error =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string'

/** Returns an error's cause if the error only wraps the cause and has the same message, as tRPC's errors do. Otherwise returns the error itself. */
const unwrap = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error && error.cause.message === error.message ? error.cause : error

/** Temporal's core reports errors as plain strings. */
const serializeError = (thrown: unknown) => {
  const error = unwrap(thrown)
  if (!isError(error)) return { message: typeof error === 'string' ? error : inspect(error) }
  const { type, message, stack = '' } = stdSerializers.err(error)
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { type, message, stack, ...code }
}

const flushIntervalMs = 50

/** Buffers lines and writes them asynchronously, so that no request waits for a write. Buffered lines are flushed when the process exits. */
const bufferedOutput = (): DestinationStream => {
  const output = pino.destination({ sync: false, minLength: 8_192 })
  setInterval(() => output.flush(), flushIntervalMs).unref()
  return output
}

interface LogOptions {
  destination?: DestinationStream
  /** Secrets to mask that have no recognizable form, such as passwords. */
  secrets?: readonly string[]
}

/** A JSON log whose lines carry the current correlation ids. */
export const createLog = (level: LevelWithSilent, service: string, { destination, secrets = [] }: LogOptions = {}): Log =>
  pino(
    {
      level,
      base: { service },
      redact: ['req.headers.authorization', 'req.headers.cookie'],
      serializers: { err: serializeError },
      // Masks whole lines, because any text may quote a secret: errors from Stripe and Postgres quote keys and connection strings.
      hooks: { streamWrite: createSecretMask(secrets) },
      mixin: () => ({ ...currentCorrelationIds() }),
    },
    destination ?? bufferedOutput(),
  )
