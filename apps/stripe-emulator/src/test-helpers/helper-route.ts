import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { StripeError } from '../http/errors.ts'
import { toStripeError } from '../http/param-errors.ts'

type Answer = { status: number; body: object }

/** Anything a helper may need to know of the request. */
export interface Asked {
  id: string
  requestId: string
}

/**
 * One `/_test` endpoint. It takes JSON, or a form from the dashboard: then it answers with a redirect back, so that every button
 * is an ordinary form and does what the helper does.
 */
export const helper = <Schema extends z.ZodType>(
  app: FastifyInstance,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  schema: Schema,
  run: (params: z.output<Schema>, asked: Asked) => object | Answer,
): void => {
  app.route({
    method,
    url: `/_test${path}`,
    handler: async (request, reply) => {
      const attempt = (given: Record<string, unknown>): Answer => {
        const params = schema.safeParse(given)
        if (!params.success) throw toStripeError(params.error, given)
        const result = run(params.data, { id: pathId(request), requestId: request.id })
        return isAnswer(result) ? result : { status: 200, body: result }
      }
      const { back, ...given }: Record<string, unknown> = { ...(isObject(request.body) ? request.body : {}) }
      refuseOtherSites(request)
      if (isForm(request)) {
        // A form sends its empty fields, too.
        const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))
        const notice = refusal(() => attempt(filled))
        return reply.redirect(withNotice(localPath(back), notice), 303)
      }
      const { status, body } = attempt(given)
      return reply.status(status).send(body)
    },
  })
}

export const answer = (status: number, body: object): Answer => ({ status, body })

/** Why it was refused, for the page that the form goes back to. */
const refusal = (run: () => Answer): string | undefined => {
  try {
    const { status, body } = run()
    return status < 400 ? undefined : messageIn(body)
  } catch (error) {
    if (error instanceof StripeError) return error.message
    throw error
  }
}

const messageIn = (body: object): string => ('error' in body && isObject(body.error) ? String(body.error.message) : 'Refused.')

const withNotice = (path: string, notice: string | undefined): string =>
  notice ? `${path}?${new URLSearchParams({ notice })}` : path

const isForm = ({ headers }: FastifyRequest) => headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true

/** A page of another site must not press the buttons, nor send what needs no form: browsers say where a request comes from. */
const refuseOtherSites = ({ headers }: FastifyRequest): void => {
  const { origin, host } = headers
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host))
    throw new StripeError(403, {
      type: 'invalid_request_error',
      message: "Browsers are let in from the emulator's own pages only.",
    })
}

const localPath = (back: unknown): string => (typeof back === 'string' && /^\/(\w+(\/\w+)*)?$/.test(back) ? back : '/')

const pathId = ({ params }: FastifyRequest): string => (isObject(params) && typeof params.id === 'string' ? params.id : '')

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isAnswer = (value: object): value is Answer => 'status' in value && 'body' in value
