import path from 'node:path'
import { searchAttributes } from '@pay-to-view/workflow-client/messages'
import { execa } from 'execa'
import { z } from 'zod'
import { type Child, startChildUntilReady } from './child.ts'
import type { DataFolder } from './data-folder.ts'
import { freePort } from './ports.ts'
import type { RunFile } from './run-file.ts'

/** The search attributes that our workflows set. Temporal rejects the start of a workflow with an unknown search attribute. */
export const searchAttributeNames = Object.values(searchAttributes).map(({ name }) => name)

export type TemporalServer = { child: Child; address: string; namespace: string; ui: string | undefined }

type Options = {
  binary: string
  port: number
  /** The port of the UI. Without a port, the UI is disabled. */
  uiPort?: number
  /** Keeps the state only in memory. */
  ephemeral?: boolean
  runFile?: RunFile | undefined
  signal?: AbortSignal
}

const namespace = 'default'

/**
 * Temporal's defaults are for a cluster with hundreds of shards and several partitions per task queue. With the defaults, this server,
 * which has a single shard, would look for new tasks only 20 times a second (docs/decisions/0014-performance-tuning.md).
 */
const singleMachineConfig = {
  'history.transferProcessorMaxPollRPS': 1_000,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
}

export const startTemporal = async (
  dataFolder: DataFolder,
  { binary, port, uiPort, ephemeral, runFile, signal }: Options,
): Promise<TemporalServer> => {
  const [httpPort, metricsPort] = [await freePort(), await freePort()]
  const address = `127.0.0.1:${port}`
  const child = await startChildUntilReady(
    {
      name: 'Temporal',
      command: binary,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--http-port', String(httpPort)],
        ...['--metrics-port', String(metricsPort), '--log-level', 'warn'],
        ...(uiPort ? ['--ui-port', String(uiPort)] : ['--headless']),
        ...(ephemeral ? [] : ['--db-filename', dataFolder.temporalDb]),
        ...Object.entries(singleMachineConfig).flatMap(([name, value]) => ['--dynamic-config-value', `${name}=${value}`]),
        ...searchAttributeNames.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
      ],
      // The server allocates a lot of short-lived memory. Less frequent garbage collection reduces its CPU time by a fifth
      // (docs/decisions/0014-performance-tuning.md).
      env: { GOGC: process.env.GOGC ?? '400' },
      log: path.join(dataFolder.logs, 'temporal.log'),
      stopSignal: 'SIGINT',
      runFile,
    },
    // The server is ready when every search attribute is registered.
    async () => registerMissing(binary, address, await registeredAttributes(httpPort)),
    { signal },
  )
  return { child, address, namespace, ui: uiPort ? `http://127.0.0.1:${uiPort}` : undefined }
}

const Attributes = z.object({ customAttributes: z.record(z.string(), z.string()).default({}) })

/** Returns the registered search attributes. The server responds to this call as soon as it accepts workflows. */
const registeredAttributes = async (httpPort: number) => {
  const url = `http://127.0.0.1:${httpPort}/cluster/namespaces/${namespace}/search-attributes`
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return Object.keys(Attributes.parse(await response.json()).customAttributes)
}

/**
 * Registers attributes that are new in our code, because the server ignores --search-attribute if the database file already contains search
 * attributes.
 */
const registerMissing = async (binary: string, address: string, registered: readonly string[]) => {
  const missing = searchAttributeNames.filter((name) => !registered.includes(name))
  if (missing.length === 0) return true
  const attributes = missing.flatMap((name) => ['--name', name, '--type', 'Keyword'])
  const target = ['--address', address, '--namespace', namespace]
  await execa(binary, ['operator', 'search-attribute', 'create', ...target, ...attributes])
  return true
}
