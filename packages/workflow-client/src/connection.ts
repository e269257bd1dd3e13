import { Client, Connection } from '@temporalio/client'
import { requestContextInterceptor } from './request-context.ts'

export interface TemporalOptions {
  address: string
  namespace: string
  apiKey?: string | undefined
  tls: boolean
  /** The client's certificate and key, for mutual TLS. */
  clientCertificate?: { crt: Buffer; key: Buffer } | undefined
  /** The server's CA certificate, if it is not in the system's trust store. */
  certificateAuthority?: Buffer | undefined
  /** The name in the server's certificate, if it differs from the address. */
  serverName?: string | undefined
}

/** Connection options for the SDK. An API key, a certificate, a CA or a server name implies TLS. */
export const connectOptions = ({
  address,
  apiKey,
  tls,
  clientCertificate,
  certificateAuthority,
  serverName,
}: TemporalOptions) => ({
  address,
  tls:
    clientCertificate || certificateAuthority || serverName
      ? {
          ...(clientCertificate && { clientCertPair: clientCertificate }),
          ...(certificateAuthority && { serverRootCACertificate: certificateAuthority }),
          ...(serverName && { serverNameOverride: serverName }),
        }
      : tls || apiKey !== undefined,
  ...(apiKey && { apiKey }),
})

/** Interceptors of every Temporal client: they pass on the request id and the trace context. */
export const clientInterceptors = { workflow: [requestContextInterceptor] }

/** Connects on first use, so a process can start while Temporal is unavailable. */
export const createTemporalClient = (options: TemporalOptions): Client =>
  new Client({
    connection: Connection.lazy(connectOptions(options)),
    namespace: options.namespace,
    interceptors: clientInterceptors,
  })
