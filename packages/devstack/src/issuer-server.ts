import cors from '@fastify/cors'
import Fastify from 'fastify'
import { decodeJwt } from 'jose'
import type { Home } from './home.ts'
import { issueToken, publicKeys, TokenRequest } from './issuer.ts'

// Gives anybody who asks a token for anybody: for the demo on one machine. Hence only on 127.0.0.1, only for pages of this machine, and only
// under a local name (a foreign page could otherwise have its own name point here: DNS rebinding).

const LOCAL = ['localhost', '127.0.0.1']

const isLocal = (origin: string | undefined) =>
  origin === undefined || (URL.canParse(origin) && LOCAL.includes(new URL(origin).hostname))

/** The local issuer over HTTP: POST /token and GET /.well-known/jwks.json. */
export const startIssuer = async (home: Home, port: number) => {
  const app = Fastify({ bodyLimit: 4096, forceCloseConnections: true })
  await app.register(cors, { origin: (origin, done) => done(null, isLocal(origin)), methods: ['GET', 'POST'] })

  const problem = (status: number, title: string, errors: { field: string; message: string }[] = []) => ({
    ...{ type: 'about:blank', title, status },
    ...(errors.length > 0 && { detail: errors.map(({ field, message }) => `${field}: ${message}`).join('; '), errors }),
  })

  app.addHook('onRequest', async (request, reply) => {
    if (LOCAL.includes(request.hostname) && isLocal(request.headers.origin)) return
    return reply.code(403).type('application/problem+json').send(problem(403, 'Only for pages of this machine'))
  })
  app.setErrorHandler(async (error, _request, reply) => {
    const status =
      error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
    const message = status < 500 && error instanceof Error ? error.message : 'The issuer failed'
    return reply
      .code(status)
      .type('application/problem+json')
      .send(problem(status, message, status < 500 ? [{ field: 'body', message }] : []))
  })

  app.setNotFoundHandler(async (_request, reply) =>
    reply
      .code(404)
      .type('application/problem+json')
      .send(problem(404, 'There are only POST /token and GET /.well-known/jwks.json')),
  )

  app.post('/token', async (request, reply) => {
    const read = TokenRequest.safeParse(request.body ?? {})
    if (!read.success) {
      const errors = read.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message }))
      return reply
        .code(400)
        .type('application/problem+json')
        .send(problem(400, 'The token cannot be issued', errors))
    }
    const { user, ...rest } = read.data
    const token = await issueToken(home, user, rest)
    return reply
      .header('cache-control', 'no-store')
      .send({ token, expiresAt: new Date((decodeJwt(token).exp ?? 0) * 1000).toISOString() })
  })
  app.get('/.well-known/jwks.json', async () => publicKeys(home))

  await app.listen({ host: '127.0.0.1', port })
  return { url: `http://127.0.0.1:${port}`, name: 'issuer', stop: async () => app.close() }
}
