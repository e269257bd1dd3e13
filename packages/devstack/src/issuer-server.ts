import cors from '@fastify/cors'
import Fastify from 'fastify'
import { decodeJwt } from 'jose'
import type { DataFolder } from './data-folder.ts'
import { issuerPublicKeys, issueToken, TokenRequest } from './issuer.ts'

// The issuer gives any caller a token for any user, for demos on one machine. It therefore listens on 127.0.0.1, and rejects requests from
// pages of other hosts and requests with a non-local host name. The host name is checked because, with DNS rebinding, a foreign page can
// make its own host name resolve to 127.0.0.1.

const localHosts = ['localhost', '127.0.0.1']

const isLocal = (origin: string | undefined) =>
  origin === undefined || (URL.canParse(origin) && localHosts.includes(new URL(origin).hostname))

/** Serves the local issuer over HTTP: POST /token and GET /.well-known/jwks.json. */
export const startIssuer = async (dataFolder: DataFolder, port: number) => {
  const app = Fastify({ bodyLimit: 4096, forceCloseConnections: true })
  await app.register(cors, { origin: (origin, done) => done(null, isLocal(origin)), methods: ['GET', 'POST'] })

  const problem = (status: number, title: string, errors: { field: string; message: string }[] = []) => ({
    ...{ type: 'about:blank', title, status },
    ...(errors.length > 0 && { detail: errors.map(({ field, message }) => `${field}: ${message}`).join('; '), errors }),
  })

  app.addHook('onRequest', async (request, reply) => {
    if (localHosts.includes(request.hostname) && isLocal(request.headers.origin)) return
    return reply.code(403).type('application/problem+json').send(problem(403, 'Only pages on this machine may request tokens'))
  })
  app.setErrorHandler(async (error, _request, reply) => {
    const status =
      error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
    const message = status < 500 && error instanceof Error ? error.message : 'Internal error of the issuer'
    return reply
      .code(status)
      .type('application/problem+json')
      .send(problem(status, message, status < 500 ? [{ field: 'body', message }] : []))
  })

  app.setNotFoundHandler(async (_request, reply) =>
    reply
      .code(404)
      .type('application/problem+json')
      .send(problem(404, 'Not found. The issuer serves POST /token and GET /.well-known/jwks.json.')),
  )

  app.post('/token', async (request, reply) => {
    const parsed = TokenRequest.safeParse(request.body ?? {})
    if (!parsed.success) {
      const errors = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message }))
      return reply
        .code(400)
        .type('application/problem+json')
        .send(problem(400, 'The token request is invalid', errors))
    }
    const { user, ...rest } = parsed.data
    const token = await issueToken(dataFolder, user, rest)
    return reply
      .header('cache-control', 'no-store')
      .send({ token, expiresAt: new Date((decodeJwt(token).exp ?? 0) * 1000).toISOString() })
  })
  app.get('/.well-known/jwks.json', async () => issuerPublicKeys(dataFolder))

  await app.listen({ host: '127.0.0.1', port })
  return { url: `http://127.0.0.1:${port}`, name: 'issuer', stop: async () => app.close() }
}
