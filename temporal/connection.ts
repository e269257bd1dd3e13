import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'

export interface TemporalOptions {
  address: string
  namespace: string
  apiKey?: string
  tls: boolean
}

const connectOptions = ({ address, apiKey, tls }: TemporalOptions) => ({
  address,
  tls: tls || apiKey !== undefined,
  ...(apiKey && { apiKey }),
})

/** Connects when first used, so that a server can start while Temporal is away. */
export const createTemporalClient = (options: TemporalOptions): Client =>
  new Client({ connection: Connection.lazy(connectOptions(options)), namespace: options.namespace })

/** A client over a worker's own connection. */
export const clientOver = (connection: NativeConnection, namespace: string): Client => new Client({ connection, namespace })

export const connectWorker = (options: TemporalOptions): Promise<NativeConnection> =>
  NativeConnection.connect(connectOptions(options))
