import { METHODS } from 'node:http'
import { ApiError } from '@pay-to-view/api'
import type { FastifyInstance } from 'fastify'

/** The page's own files have wildcards beside them, which take GET alone. */
const isOurs = (url: string): boolean => !url.includes('*') && !url.startsWith('/docs')

/**
 * Fastify answers another method than a path has with 404. What is returned here adds the other methods to every path that has been added
 * since: 405 with Allow, and OPTIONS.
 */
export const refuseOtherMethods = (app: FastifyInstance): (() => void) => {
  const known = new Map<string, Set<string>>()
  // Those that Fastify has no name for, WebDAV's among them. Of CONNECT Node makes no request.
  for (const method of METHODS.filter((one) => one !== 'CONNECT' && !app.supportedMethods.includes(one)))
    app.addHttpMethod(method)
  const allowed = new Map<string, string>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = known.get(url) ?? new Set()
    known.set(url, methods)
    for (const one of Array.isArray(method) ? method : [method]) methods.add(one)
  })
  // Stands before CORS, which answers every OPTIONS itself.
  app.addHook('onRequest', ({ method, routeOptions: { url = '' } }, reply, done) => {
    const allow = method === 'OPTIONS' ? allowed.get(url) : undefined
    if (allow !== undefined) reply.header('allow', allow)
    done()
  })
  return () => {
    for (const [url, methods] of [...known].filter(([path]) => isOurs(path))) {
      const allow = [...new Set([...methods, 'OPTIONS'])].sort().join(', ')
      allowed.set(url, allow)
      const others = app.supportedMethods.filter((method) => method !== 'OPTIONS' && !methods.has(method))
      if (!methods.has('OPTIONS')) app.options(url, async (_request, reply) => reply.code(204).send())
      if (others.length === 0) continue
      app.route({
        method: others,
        url,
        exposeHeadRoute: false,
        // Before the body is read: whether that is good does not matter.
        onRequest: async (_request, reply) => {
          reply.header('allow', allow)
          throw new ApiError('method_not_allowed')
        },
        handler: async () => undefined,
      })
    }
  }
}
