import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'

/** The response headers that a page from another origin may read. */
export const exposedHeaders = ['x-request-id', 'retry-after', 'www-authenticate', 'allow']

/** Returns a configured origin unchanged, or converts a pattern that ends in `:*` to a RegExp that allows any port of the host. */
const toMatcher = (origin: string): string | RegExp => {
  if (!origin.endsWith(':*')) return origin
  return new RegExp(`^${origin.slice(0, -2).replace(/[^\w]/g, '\\$&')}(?::\\d{1,5})?$`)
}

/** Returns a function that says whether pages from an origin may read responses. */
export const createOriginCheck = (webOrigins: readonly string[]): ((origin: string) => boolean) => {
  const matchers = webOrigins.map(toMatcher)
  return (origin) => matchers.some((allowed) => (typeof allowed === 'string' ? allowed === origin : allowed.test(origin)))
}

/** The methods that a page from another origin may use. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Lets pages from the configured origins read the responses. */
export const enableCors = async (app: FastifyInstance, webOrigins: readonly string[]): Promise<void> => {
  await app.register(cors, { origin: webOrigins.map(toMatcher), methods, exposedHeaders, maxAge: 600, strictPreflight: false })
}
