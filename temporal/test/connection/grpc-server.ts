import { readFileSync } from 'node:fs'
import { createSecureServer, type IncomingHttpHeaders } from 'node:http2'
import { TLSSocket } from 'node:tls'
import type { Certificate } from './certificates.ts'

/** A caller that was let in: whose certificate it showed, and what it said. */
export interface Caller {
  certificate: string | undefined
  headers: IncomingHttpHeaders
}

/** gRPC's frame of an empty message: not compressed, of length 0. */
const empty = Buffer.alloc(5)

/**
 * A server that speaks TLS and as much gRPC as a connection to Temporal takes to be made: every call gets an empty answer. `clients` is the
 * authority of those that are let in; without it nobody is asked for a certificate.
 */
export const listen = async ({ crt, key }: Certificate, clients?: string) => {
  const callers: Caller[] = []
  let spokeTls = false
  const server = createSecureServer({
    cert: readFileSync(crt),
    key: readFileSync(key),
    ...(clients !== undefined && { ca: readFileSync(clients), requestCert: true, rejectUnauthorized: true }),
  })
  server.on('stream', (stream, headers) => {
    const { socket } = stream.session ?? {}
    const certificate = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined
    callers.push({ certificate: [certificate].flat()[0], headers })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.end(empty)
  })
  server.on('keylog', () => {
    spokeTls = true
  })
  server.on('sessionError', () => undefined)
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The listener has no port')
  return { address: `127.0.0.1:${address.port}`, callers, spokeTls: () => spokeTls, close: () => server.close() }
}
