import { Client, Connection } from '@temporalio/client'
import { requestContextInterceptor } from './request-context.ts'

export interface TemporalOptions {
  address: string
  namespace: string
  apiKey?: string | undefined
  tls: boolean
  /** The client's certificate and key: mutual TLS. */
  clientCertificate?: { crt: Buffer; key: Buffer } | undefined
  /** Who signed the server's certificate, where the system does not know it. */
  certificateAuthority?: Buffer | undefined
  /** The name in the server's certificate, where it is not the address. */
  serverName?: string | undefined
}

/** An API key, a certificate, an authority or a name means TLS: none of them is of use without. */
export const connectOptions = ({
  address,
  apiKey,
  tls,
  clientCertificate: certificate,
  certificateAuthority: authority,
  serverName,
}: TemporalOptions) => ({
  address,
  tls:
    certificate || authority || serverName
      ? {
          ...(certificate && { clientCertPair: certificate }),
          ...(authority && { serverRootCACertificate: authority }),
          ...(serverName && { serverNameOverride: serverName }),
        }
      : tls || apiKey !== undefined,
  ...(apiKey && { apiKey }),
})

/** Of every client: they send the request's id and trace along. */
export const clientInterceptors = { workflow: [requestContextInterceptor] }

/** Connects when first used, so that a server can start while Temporal is away. */
export const createTemporalClient = (options: TemporalOptions): Client =>
  new Client({
    connection: Connection.lazy(connectOptions(options)),
    namespace: options.namespace,
    interceptors: clientInterceptors,
  })
