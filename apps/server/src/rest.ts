import { ApiError, restRoutes } from '@pay-to-view/api'
import type { FastifyPluginAsync } from 'fastify'
import type { ContextOf } from './deps.ts'

const queryOf = (url: string): URLSearchParams => {
  const from = url.indexOf('?')
  return new URLSearchParams(from < 0 ? '' : url.slice(from + 1))
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ApiError('validation', {
      field: 'body',
      message: `Expected JSON: ${error instanceof Error ? error.message : error}`,
    })
  }
}

/** The REST paths: they call the procedures, and decide nothing. */
export const serveRest =
  (contextOf: ContextOf): FastifyPluginAsync =>
  async (app) => {
    app.removeAllContentTypeParsers()
    // A POST without a body may still say that it is JSON, or (curl -d '') anything else.
    app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) =>
      body === '' ? undefined : parse(body),
    )
    app.addContentTypeParser('*', { parseAs: 'string' }, async (_request: unknown, body: string) => {
      if (body !== '') throw new ApiError('unsupported_media_type')
    })
    for (const route of restRoutes()) {
      app.route<{ Params: Record<string, string>; Body: unknown }>({
        method: route.method,
        url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
        handler: async ({ params, url, body, headers, id }) =>
          route.call(
            { params, query: queryOf(url), body, header: (name) => headers[name]?.toString() },
            await contextOf(headers.authorization, id),
          ),
      })
    }
  }
