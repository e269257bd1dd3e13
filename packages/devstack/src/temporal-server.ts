import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { searchAttributes } from '@pay-to-view/workflow-client/messages'
import { z } from 'zod'
import { type Child, startReady } from './child.ts'
import type { Home } from './home.ts'
import { freePort } from './ports.ts'
import type { RunFile } from './run-file.ts'

/** What an operator finds purchases by. The workflows set them, and Temporal refuses to start one with an unknown attribute. */
export const SEARCH_ATTRIBUTES = Object.values(searchAttributes).map(({ name }) => name)

export type TemporalServer = { child: Child; address: string; namespace: string; ui: string | undefined }

type Options = {
  binary: string
  port: number
  /** Without one there is no UI. */
  uiPort?: number
  /** Kept in memory only. */
  forgetful?: boolean
  run?: RunFile | undefined
  signal?: AbortSignal
}

const NAMESPACE = 'default'

/**
 * A cluster has hundreds of shards and several partitions of a task queue; this server has one shard, which its defaults let look for new
 * tasks 20 times a second: more purchases than that wait for their turn (docs/performance.md).
 */
const oneMachine = {
  'history.transferProcessorMaxPollRPS': 1_000,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
}

export const startTemporal = async (
  home: Home,
  { binary, port, uiPort, forgetful, run, signal }: Options,
): Promise<TemporalServer> => {
  const [httpPort, metricsPort] = [await freePort(), await freePort()]
  const address = `127.0.0.1:${port}`
  const child = await startReady(
    {
      name: 'Temporal',
      command: binary,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--http-port', String(httpPort)],
        ...['--metrics-port', String(metricsPort), '--log-level', 'warn'],
        ...(uiPort ? ['--ui-port', String(uiPort)] : ['--headless']),
        ...(forgetful ? [] : ['--db-filename', home.temporalDb]),
        ...Object.entries(oneMachine).flatMap(([name, value]) => ['--dynamic-config-value', `${name}=${value}`]),
        ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
      ],
      // It allocates much and keeps little: collecting less often saves a fifth of its CPU (docs/performance.md).
      env: { GOGC: process.env.GOGC ?? '400' },
      log: path.join(home.logs, 'temporal.log'),
      stopSignal: 'SIGINT',
      run,
    },
    // Not ready before it knows them all. Asked again when that cannot be had at once.
    async () => registerMissing(binary, address, await registered(httpPort)),
    { signal },
  )
  return { child, address, namespace: NAMESPACE, ui: uiPort ? `http://127.0.0.1:${uiPort}` : undefined }
}

const Attributes = z.object({ customAttributes: z.record(z.string(), z.string()).default({}) })

/** The search attributes the server knows. It answers this as soon as it can take workflows. */
const registered = async (httpPort: number) => {
  const url = `http://127.0.0.1:${httpPort}/cluster/namespaces/${NAMESPACE}/search-attributes`
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000) })
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
  return Object.keys(Attributes.parse(await answer.json()).customAttributes)
}

/** The --search-attribute flag adds nothing to a database file that already has some: an attribute that is new in our code comes in here. */
const registerMissing = async (binary: string, address: string, present: readonly string[]) => {
  const missing = SEARCH_ATTRIBUTES.filter((name) => !present.includes(name))
  if (missing.length === 0) return true
  const names = missing.flatMap((name) => ['--name', name, '--type', 'Keyword'])
  await promisify(execFile)(binary, [
    'operator',
    'search-attribute',
    'create',
    '--address',
    address,
    '--namespace',
    NAMESPACE,
    ...names,
  ])
  return true
}
