import { clientInterceptors, connectOptions, type TemporalOptions } from '@pay-to-view/workflow-client/connection'
import { Client } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'

/** Connects a worker. The connection also serves its client (`clientOver`). */
export const connectWorker = (options: TemporalOptions): Promise<NativeConnection> =>
  NativeConnection.connect(connectOptions(options))

/** A client that uses the connection of a worker. */
export const createWorkerClient = (connection: NativeConnection, namespace: string): Client =>
  new Client({ connection, namespace, interceptors: clientInterceptors })
