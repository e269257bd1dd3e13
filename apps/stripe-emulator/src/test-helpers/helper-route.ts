import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { StripeError } from '../http/errors.ts'
import { toStripeError } from '../http/param-errors.ts'

type HelperResponse = { status: number; body: object }

export interface HelperRequest {
  /** The value of `:id` in the path. */
  id: string
  requestId: string
}

/**
 * Registers one `/_test` endpoint. It accepts JSON or a dashboard form. After a form submission, it redirects to the page with the form, so
 * every dashboard button can be an ordinary form.
 */
export const helperRoute = <Schema extends z.ZodType>(
  app: FastifyInstance,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  schema: Schema,
  run: (params: z.output<Schema>, request: HelperRequest) => object | HelperResponse,
): void => {
  app.route({
    method,
    url: `/_test${path}`,
    handler: async (request, reply) => {
      const execute = (input: Record<string, unknown>): HelperResponse => {
        const params = schema.safeParse(input)
        if (!params.success) throw toStripeError(params.error, input)
        const result = run(params.data, { id: pathId(request), requestId: request.id })
        return isHelperResponse(result) ? result : { status: 200, body: result }
      }
      const { back, ...input }: Record<string, unknown> = isObject(request.body) ? withTexts(request.body) : {}
      rejectCrossOrigin(request)
      if (isForm(request)) {
        // Browsers also send empty fields, which count as not set.
        const filledIn = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== ''))
        const notice = errorMessageOf(() => execute(filledIn))
        return reply.redirect(withNotice(localPath(back), notice), 303)
      }
      const { status, body } = execute(input)
      return reply.status(status).send(body)
    },
  })
}

export const noParams = z.strictObject({})

export const transact = <T>(account: Account, { requestId }: HelperRequest, run: () => T): T =>
  account.transaction({ id: requestId, idempotency_key: null }, run)

export const respond = (status: number, body: object): HelperResponse => ({ status, body })

/** Returns the message of a rejection, which is shown on the page to which the browser returns. */
const errorMessageOf = (execute: () => HelperResponse): string | undefined => {
  try {
    const { status, body } = execute()
    return status < 400 ? undefined : messageIn(body)
  } catch (error) {
    if (error instanceof StripeError) return error.message
    throw error
  }
}

const messageIn = (body: object): string =>
  'error' in body && isObject(body.error) ? String(body.error.message) : 'The request was rejected.'

const withNotice = (path: string, notice: string | undefined): string =>
  notice ? `${path}?${new URLSearchParams({ notice })}` : path

const isForm = ({ headers }: FastifyRequest) => headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true

/**
 * Prevents other websites from calling helpers through a visitor's browser. Browsers send the origin of the page, which is compared with
 * the host.
 */
const rejectCrossOrigin = ({ headers }: FastifyRequest): void => {
  const { origin, host } = headers
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host))
    throw new StripeError(403, {
      type: 'invalid_request_error',
      message: "Browsers may call test helpers only from the emulator's own pages.",
    })
}

/** Replaces the numbers and booleans of JSON with text, as in forms, because the schemas are written for forms. */
const withTexts = (value: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([name, one]) => [name, toText(one)]))

const toText = (value: unknown): unknown => {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.map(toText)
  return isObject(value) ? withTexts(value) : value
}

const localPath = (back: unknown): string => (typeof back === 'string' && /^\/(\w+(\/\w+)*)?$/.test(back) ? back : '/')

const pathId = ({ params }: FastifyRequest): string => (isObject(params) && typeof params.id === 'string' ? params.id : '')

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isHelperResponse = (value: object): value is HelperResponse => 'status' in value && 'body' in value
