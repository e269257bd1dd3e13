import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'

/** The headers of a response that a page of another origin may read. */
export const exposedHeaders = ['x-request-id', 'retry-after', 'www-authenticate', 'allow']

/** The methods that a page of another origin may use. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Lets the pages of the configured origins read the responses. */
export const enableCors = async (app: FastifyInstance, webOrigins: readonly string[]): Promise<void> => {
  await app.register(cors, { origin: [...webOrigins], methods, exposedHeaders, maxAge: 600, strictPreflight: false })
}
