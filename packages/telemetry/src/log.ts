import { inspect } from 'node:util'
import { type DestinationStream, type LevelWithSilent, type Logger, pino, stdSerializers } from 'pino'
import { currentCorrelationIds } from './correlation-ids.ts'

export type Log = Logger

const secret =
  /(?<=_secret_)\w+|\bwhsec_\w+|\b[prs]k_(?:test|live)_\w+|\beyJ[\w-]+\.[\w-]+\.[\w-]+|(?<=:\/\/[^\s:/@]+:)[^\s@]+(?=@)/g

const masked = (text: string): string => text.replace(secret, '[secret]')

const isError = (thrown: unknown): thrown is Error =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string'

/** Stripe's and Postgres's errors quote what they were given: keys and connection strings among it. Temporal's core tells its own as texts. */
const errorOf = (error: unknown) => {
  if (!isError(error)) return { message: masked(typeof error === 'string' ? error : inspect(error)) }
  const { type, message, stack = '' } = stdSerializers.err(error)
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { type, message: masked(message), stack: masked(stack), ...code }
}

/** Milliseconds that a line may wait for others before they are written together. */
const wait = 50

/** Not one write a line, and none that the work waits for. What is left is written when the process ends. */
const inBatches = (): DestinationStream => {
  const output = pino.destination({ sync: false, minLength: 8_192 })
  setInterval(() => output.flush(), wait).unref()
  return output
}

/** A log in lines of JSON. Each line carries the ids of the work under way. */
export const createLog = (level: LevelWithSilent, service: string, destination?: DestinationStream): Log =>
  pino(
    {
      level,
      base: { service },
      redact: ['req.headers.authorization', 'req.headers.cookie', 'clientSecret', '*.clientSecret'],
      serializers: { err: errorOf },
      mixin: () => ({ ...currentCorrelationIds() }),
    },
    destination ?? inBatches(),
  )
