import { METHODS } from 'node:http'
import { ApiError } from '@pay-to-view/api'
import type { FastifyInstance } from 'fastify'

/** Excludes /docs, whose wildcard routes accept only GET. */
const isApiPath = (url: string): boolean => !url.includes('*') && !url.startsWith('/docs')

type MethodsByPath = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Returns the methods of the parameterized path that also matches this path. For example, `/entities/batch` also matches `/entities/:id`,
 * because `batch` may be an id.
 */
const methodsOfParameter = (methodsByPath: MethodsByPath, url: string): string[] => {
  const parent = url.slice(0, url.lastIndexOf('/') + 1)
  return [...methodsByPath].flatMap(([path, methods]) => {
    const isParameter = path.startsWith(`${parent}:`) && !path.includes('/', parent.length)
    return isParameter && path !== url ? [...methods] : []
  })
}

/**
 * Fastify returns 404 for a known path with an unsupported method. Call this function before the routes are registered, and call the
 * returned function afterward. The returned function adds OPTIONS to each path, and makes every other unsupported method return 405 with
 * an Allow header.
 */
export const rejectOtherMethods = (app: FastifyInstance): (() => void) => {
  const methodsByPath = new Map<string, Set<string>>()
  // Adds the methods that Fastify does not support by default, such as WebDAV methods. Node emits no `request` event for CONNECT.
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
    // Computed for all paths before any route is added, because adding a route adds methods to methodsByPath.
    const paths = [...methodsByPath]
      .filter(([url]) => isApiPath(url))
      .map(([url, methods]) => {
        const hasOptions = methods.has('OPTIONS')
        return { url, hasOptions, allowed: new Set([...methods, ...methodsOfParameter(methodsByPath, url), 'OPTIONS']) }
      })
    for (const { url, hasOptions, allowed } of paths) {
      const allow = [...allowed].sort().join(', ')
      allowByPath.set(url, allow)
      const otherMethods = app.supportedMethods.filter((method) => !allowed.has(method))
      if (!hasOptions) app.options(url, async (_request, reply) => reply.code(204).send())
      if (otherMethods.length === 0) continue
      app.route({
        method: otherMethods,
        url,
        exposeHeadRoute: false,
        // Sent from onRequest, so that the body is neither read nor validated.
        onRequest: async (_request, reply) => {
          reply.header('allow', allow)
          throw new ApiError('method_not_allowed')
        },
        handler: async () => undefined,
      })
    }
  }
}
