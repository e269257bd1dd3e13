import { readFileSync } from 'node:fs'
import { createSecureServer, type IncomingHttpHeaders } from 'node:http2'
import { TLSSocket } from 'node:tls'
import type { Certificate } from './certificates.ts'

export interface GrpcCall {
  /** The common name in the client's certificate. */
  clientCertificate: string | undefined
  headers: IncomingHttpHeaders
}

/** The gRPC frame of an empty message: uncompressed, length 0. */
const emptyMessage = Buffer.alloc(5)

/**
 * Starts a TLS server that responds to every gRPC call with an empty message, which is enough for a client to connect. With `clientCa`,
 * clients must present a certificate from that CA.
 */
export const startGrpcServer = async ({ crt, key }: Certificate, clientCa?: string) => {
  const calls: GrpcCall[] = []
  let startedTls = false
  const server = createSecureServer({
    cert: readFileSync(crt),
    key: readFileSync(key),
    ...(clientCa !== undefined && { ca: readFileSync(clientCa), requestCert: true, rejectUnauthorized: true }),
  })
  server.on('stream', (stream, headers) => {
    const { socket } = stream.session ?? {}
    const commonName = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined
    calls.push({ clientCertificate: [commonName].flat()[0], headers })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.end(emptyMessage)
  })
  server.on('keylog', () => {
    startedTls = true
  })
  server.on('sessionError', () => undefined)
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port')
  return { address: `127.0.0.1:${address.port}`, calls, startedTls: () => startedTls, close: () => server.close() }
}
