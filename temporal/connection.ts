import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { causeSender } from './cause.ts'

export interface TemporalOptions {
  address: string
  namespace: string
  apiKey?: string | undefined
  tls: boolean
  /** The client's certificate and key: mutual TLS. */
  certificate?: { crt: Buffer; key: Buffer } | undefined
  /** Who signed the server's certificate, where the system does not know it. */
  authority?: Buffer | undefined
  /** The name in the server's certificate, where it is not the address. */
  serverName?: string | undefined
}

/** An API key, a certificate, an authority or a name means TLS: none of them is of use without. */
export const connectOptions = ({ address, apiKey, tls, certificate, authority, serverName }: TemporalOptions) => ({
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

const interceptors = { workflow: [causeSender] }

/** Connects when first used, so that a server can start while Temporal is away. */
export const createTemporalClient = (options: TemporalOptions): Client =>
  new Client({ connection: Connection.lazy(connectOptions(options)), namespace: options.namespace, interceptors })

/** A client over a worker's own connection. */
export const clientOver = (connection: NativeConnection, namespace: string): Client =>
  new Client({ connection, namespace, interceptors })

export const connectWorker = (options: TemporalOptions): Promise<NativeConnection> =>
  NativeConnection.connect(connectOptions(options))
