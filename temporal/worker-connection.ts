import { clientInterceptors, connectOptions, type TemporalOptions } from '@pay-to-view/workflow-client/connection'
import { Client } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'

/** Connects a worker. Its client can use the same connection (`createWorkerClient`). */
export const connectWorker = (options: TemporalOptions): Promise<NativeConnection> =>
  NativeConnection.connect(connectOptions(options))

/** Creates a client that uses a worker's connection. */
export const createWorkerClient = (connection: NativeConnection, namespace: string): Client =>
  new Client({ connection, namespace, interceptors: clientInterceptors })
