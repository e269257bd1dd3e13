import { METHODS } from 'node:http'
import { ApiError } from '@pay-to-view/api'
import type { FastifyInstance } from 'fastify'

/** Excludes the files of /docs, whose wildcard routes only accept GET. */
const isApiPath = (url: string): boolean => !url.includes('*') && !url.startsWith('/docs')

/**
 * Fastify returns 404 for a known path with an unknown method. The returned function adds the missing methods to all paths registered in
 * between: OPTIONS, and 405 with an Allow header for the rest.
 */
export const rejectOtherMethods = (app: FastifyInstance): (() => void) => {
  const methodsByPath = new Map<string, Set<string>>()
  // Methods that Fastify does not support by default, such as WebDAV's. Node emits no request for CONNECT.
  for (const method of METHODS.filter((name) => name !== 'CONNECT' && !app.supportedMethods.includes(name)))
    app.addHttpMethod(method)
  const allowByPath = new Map<string, string>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsByPath.get(url) ?? new Set()
    methodsByPath.set(url, methods)
    for (const name of Array.isArray(method) ? method : [method]) methods.add(name)
  })
  // Registered before CORS, which responds to every OPTIONS request itself.
  app.addHook('onRequest', ({ method, routeOptions: { url = '' } }, reply, done) => {
    const allow = method === 'OPTIONS' ? allowByPath.get(url) : undefined
    if (allow !== undefined) reply.header('allow', allow)
    done()
  })
  return () => {
    for (const [url, methods] of [...methodsByPath].filter(([path]) => isApiPath(path))) {
      const allow = [...new Set([...methods, 'OPTIONS'])].sort().join(', ')
      allowByPath.set(url, allow)
      const otherMethods = app.supportedMethods.filter((method) => method !== 'OPTIONS' && !methods.has(method))
      if (!methods.has('OPTIONS')) app.options(url, async (_request, reply) => reply.code(204).send())
      if (otherMethods.length === 0) continue
      app.route({
        method: otherMethods,
        url,
        exposeHeadRoute: false,
        // In onRequest, so that the body is neither read nor validated.
        onRequest: async (_request, reply) => {
          reply.header('allow', allow)
          throw new ApiError('method_not_allowed')
        },
        handler: async () => undefined,
      })
    }
  }
}
