import { ApiError, restRoutes } from '@pay-to-view/api'
import type { FastifyPluginAsync } from 'fastify'
import { maxBodyBytes, requireOperator } from './body-limits.ts'
import { publicCompression } from './compression.ts'
import type { CreateContext } from './deps.ts'

/**
 * The published catalog is the same for every caller, so caches may keep it. A changed price may take `max-age` seconds to appear, but a
 * checkout always uses the current price.
 */
const publicCacheControl = 'public, max-age=10'

const parseQuery = (url: string): URLSearchParams => {
  const start = url.indexOf('?')
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1))
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ApiError('validation', {
      field: 'body',
      message: `Expected JSON: ${error instanceof Error ? error.message : error}`,
    })
  }
}

/** Serves the REST paths by calling their procedures. */
export const serveRest =
  (createContext: CreateContext): FastifyPluginAsync =>
  async (app) => {
    app.removeAllContentTypeParsers()
    // A POST without a body may still have a content type: JSON, or another type (curl -d '').
    app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) =>
      body === '' ? undefined : parseJson(body),
    )
    app.addContentTypeParser('*', { parseAs: 'string' }, async (_request: unknown, body: string) => {
      if (body !== '') throw new ApiError('unsupported_media_type')
    })
    for (const route of restRoutes()) {
      app.route<{ Params: Record<string, string>; Body: unknown }>({
        method: route.method,
        ...(route.public && { compress: publicCompression }),
        ...(route.isForOperators
          ? { bodyLimit: route.maxBodyBytes ?? maxBodyBytes.operator, onRequest: requireOperator(createContext) }
          : { bodyLimit: maxBodyBytes.user }),
        url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
        handler: async (request, reply) => {
          const { params, url, body, headers } = request
          const response = await route.call(
            { params, query: parseQuery(url), body, header: (name) => headers[name]?.toString() },
            await createContext(request),
          )
          if (response.isPublic) reply.header('cache-control', publicCacheControl)
          if (response.location !== undefined) reply.header('location', response.location)
          return reply.code(response.status).send(response.body)
        },
      })
    }
  }
